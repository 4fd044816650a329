import { createRequire } from "node:module";
import {
  ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  type GrpcObject,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const { resolve } = createRequire(import.meta.url);

/** A health client for a grpc listener. */
export interface HealthClient {
  /** SERVING or NOT_SERVING; rejects if there is no answer. */
  check(): Promise<string>;
  close(): void;
}

/** Opens a client of grpc.health.v1, like that of a load balancer. */
export function openHealth(url: string): HealthClient {
  const client = connect(
    url,
    resolve("grpc-health-check/proto/health/v1/health.proto"),
    "grpc.health.v1.Health",
  ) as Client & {
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

/** The proto services that a listener offers by reflection; rejects if reflection is off. */
export async function listReflected(url: string): Promise<string[]> {
  const client = connect(
    url,
    resolve("@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto"),
    "grpc.reflection.v1.ServerReflection",
  ) as Client & { serverReflectionInfo(): ClientDuplexStream<object, Reflected> };
  try {
    return await new Promise((found, reject) => {
      const stream = client.serverReflectionInfo();
      stream.on("error", reject);
      stream.on("data", ({ listServicesResponse }: Reflected) => {
        found(listServicesResponse.service.map(({ name }) => name));
        stream.end();
      });
      stream.write({ listServices: "*" });
    });
  } finally {
    client.close();
  }
}

interface Reflected {
  readonly listServicesResponse: { readonly service: readonly { readonly name: string }[] };
}

function connect(url: string, protoFile: string, service: string): Client {
  let found: GrpcObject = loadPackageDefinition(loadSync(protoFile, { enums: String, defaults: true }));
  for (const part of service.split(".")) {
    found = found[part] as GrpcObject;
  }
  const Constructor = found as unknown as ServiceClientConstructor;
  return new Constructor(new URL(url).host, ChannelCredentials.createInsecure());
}
