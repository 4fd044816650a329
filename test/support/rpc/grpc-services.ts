import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  makeGenericClientConstructor,
  type ServiceError,
} from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import {
  ServerReflectionRequestSchema as RequestSchema,
  ServerReflectionResponseSchema as ResponseSchema,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "#gen/grpc/reflection/v1/reflection_pb.ts";

/** A health client for a grpc listener. */
export interface HealthClient {
  /** SERVING or NOT_SERVING; rejects if there is no answer. */
  check(): Promise<string>;
  close(): void;
}

/** Opens a client of grpc.health.v1, like that of a load balancer. */
export function openHealth(url: string): HealthClient {
  const HealthConstructor = makeGenericClientConstructor(healthService, "grpc.health.v1.Health");
  const client = new HealthConstructor(
    new URL(url).host,
    ChannelCredentials.createInsecure(),
  ) as unknown as Client & {
    check(request: object, done: (error: ServiceError | null, answer: { status: string }) => void): void;
  };
  return {
    check: () =>
      new Promise((found, reject) => {
        client.check({ service: "" }, (error, answer) => (error ? reject(error) : found(answer.status)));
      }),
    close: () => client.close(),
  };
}

type Question = ServerReflectionRequest["messageRequest"];
type Answer = ServerReflectionResponse["messageResponse"];

/** A client of one version of reflection, on one stream. */
export interface ReflectionClient {
  /** Rejects if reflection is off. */
  ask(question: Question): Promise<Answer>;
  close(): void;
}

/** Opens a client of reflection that knows nothing about the listener. */
export function openReflection(url: string, version: "v1" | "v1alpha" = "v1"): ReflectionClient {
  const ReflectionConstructor = makeGenericClientConstructor(
    {
      talk: {
        path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        requestStream: true,
        responseStream: true,
        requestSerialize: (request: ServerReflectionRequest) => Buffer.from(toBinary(RequestSchema, request)),
        requestDeserialize: (bytes: Buffer) => fromBinary(RequestSchema, bytes),
        responseSerialize: (response: ServerReflectionResponse) =>
          Buffer.from(toBinary(ResponseSchema, response)),
        responseDeserialize: (bytes: Buffer) => fromBinary(ResponseSchema, bytes),
      },
    },
    "ServerReflection",
  );
  const client = new ReflectionConstructor(
    new URL(url).host,
    ChannelCredentials.createInsecure(),
  ) as unknown as Client & {
    talk(): ClientDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;
  };
  const stream = client.talk();
  const failed = new Promise<never>((_, reject) => stream.on("error", reject));
  failed.catch(() => {});
  return {
    async ask(messageRequest) {
      const answered = new Promise<Answer>(resolve =>
        stream.once("data", (response: ServerReflectionResponse) => resolve(response.messageResponse)),
      );
      stream.write(create(RequestSchema, { messageRequest }));
      return Promise.race([answered, failed]);
    },
    close() {
      stream.end();
      client.close();
    },
  };
}

/** The proto services that a listener offers by reflection; rejects if reflection is off. */
export async function listReflected(url: string): Promise<string[]> {
  const client = openReflection(url);
  try {
    const answer = await client.ask({ case: "listServices", value: "*" });
    return answer.case === "listServicesResponse" ? answer.value.service.map(({ name }) => name) : [];
  } finally {
    client.close();
  }
}
