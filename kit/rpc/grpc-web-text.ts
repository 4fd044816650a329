import { base64Decode } from "@bufbuild/protobuf/wire";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { HttpAnswer } from "#kit/rpc/http-call.ts";
import { maxRequestBytes } from "#kit/rpc/limits.ts";

// gRPC-Web for clients that cannot send bytes: the same frames in base64, which Connect does not speak.
const marker = "application/grpc-web-text";

/** True for a request or an answer in base64. */
export function isText(contentType: string): boolean {
  return contentType.toLowerCase().startsWith(marker);
}

/** The content type of the same request or answer in bytes. */
export function withoutText(contentType: string): string {
  return `application/grpc-web${contentType.slice(marker.length)}`;
}

/** The bytes of a request; base64 that was encoded in parts may have padding within. */
export async function* decodeText(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    parts.push(part);
    length += part.byteLength;
    if (length > 2 * maxRequestBytes) {
      throw new Failure(Reason.REQUEST_TOO_LARGE);
    }
  }
  yield base64Decode(Buffer.concat(parts).toString("latin1"));
}

/** The same answer in base64. */
export function encodeText({ status, headers, body }: HttpAnswer): HttpAnswer {
  const type = (headers.get("content-type") ?? "").replace("application/grpc-web", marker);
  headers.set("content-type", type);
  return { status, headers, body: Buffer.from(Buffer.from(body).toString("base64")) };
}
