import { type DescService, fromJson, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";

// Bundled for browsers, see shop-page.ts.

/** A call that a page makes. */
export interface PageCall {
  readonly gatewayUrl: string;
  readonly service: string;
  readonly method: string;
  readonly request?: JsonValue;
  readonly token?: string;
  readonly grpcWeb?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a page sees of its outcome. */
export interface PageOutcome {
  readonly answer?: JsonValue;
  readonly code?: string;
  readonly reason?: string | undefined;
  readonly requestId?: string | null;
}

const services: readonly DescService[] = [
  AuthService,
  StoreService,
  PointService,
  PaymentService,
  LibraryService,
];

async function callShop(call: PageCall): Promise<PageOutcome> {
  const { gatewayUrl: baseUrl, token, headers = {}, request = {} } = call;
  const service = services.find(({ name }) => name === call.service);
  const method = service?.methods.find(({ name }) => name === call.method);
  if (service === undefined || method === undefined) {
    throw new Error(`the page has no client for ${call.service}/${call.method}`);
  }
  const withCookies: typeof fetch = (input, init) => fetch(input, { ...init, credentials: "include" });
  const options = { baseUrl, useHttpGet: true, fetch: withCookies };
  const transport = call.grpcWeb ? createGrpcWebTransport(options) : createConnectTransport(options);
  const client = createClient(service, transport) as Record<
    string,
    (request: Message, options: object) => Promise<Message>
  >;
  const sent = { ...headers, ...(token && { authorization: `Bearer ${token}` }) };
  try {
    const answer = await client[method.localName]?.(fromJson(method.input, request), { headers: sent });
    return answer === undefined ? {} : { answer: toJson(method.output, answer) };
  } catch (cause) {
    const error = ConnectError.from(cause);
    const reason = error.findDetails(ErrorInfoSchema)[0]?.reason;
    return { code: Code[error.code] ?? "", reason, requestId: error.metadata.get("x-request-id") };
  }
}

Object.assign(globalThis, { callShop });
