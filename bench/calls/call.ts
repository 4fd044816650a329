import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Client, credentials } from "@grpc/grpc-js";
import { exportJWK, generateKeyPair } from "jose";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { createWorkContext } from "#kit/contract/context.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { createServiceClient } from "#kit/rpc/client/service-client.ts";
import { createServiceTokenSigner } from "#kit/rpc/tokens/service-token.ts";
import { method, path, request } from "./method.ts";

// Calls a server by one of several clients, 64 calls in flight, and tells its parent how it went: node call.ts <client>
// <host:port> <seconds>.
const [kind = "", address = "", seconds = "1"] = process.argv.slice(2);
const parallel = 64;

const clients: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  connect: async () => {
    const client = createClient(StoreService, createGrpcTransport({ baseUrl: `http://${address}` }));
    return () => client.listQuestions(request);
  },
  "grpc-js": async () => {
    const client = new Client(address, credentials.createInsecure());
    const serialize = (message: typeof request) => Buffer.from(toBinary(method.input, message));
    const deserialize = (bytes: Buffer) => fromBinary(method.output, bytes);
    return () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, serialize, deserialize, request, (error, answer) =>
          error === null ? resolve(answer) : reject(error),
        );
      });
  },
  ours: async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const client = createServiceClient(StoreService, {
      name: "question",
      addresses: [address],
      sign: await createServiceTokenSigner("bench", await exportJWK(privateKey)),
      metrics: createMetrics("bench"),
    });
    // A call ends with the work it belongs to.
    return () =>
      client.listQuestions(request, createWorkContext({ service: "bench", userId: 1n, timeoutMs: 3000 }));
  },
};

const call = await clients[kind]?.();
if (call === undefined) {
  throw new Error(`no such client: ${kind}`);
}
await call();
const takenMs: number[] = [];
const endMs = performance.now() + Number(seconds) * 1000;
await Promise.all(
  Array.from({ length: parallel }, async () => {
    while (performance.now() < endMs) {
      const startMs = performance.now();
      await call();
      takenMs.push(performance.now() - startMs);
    }
  }),
);
takenMs.sort((a, b) => a - b);
const at = (share: number) => takenMs[Math.floor(takenMs.length * share)];
process.stdout.write(`${JSON.stringify({ calls: takenMs.length, p50: at(0.5), p99: at(0.99) })}\n`);
process.exit();
