import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { type CallerKind, createCaller } from "../support/rpc/callers.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";

const kinds: readonly CallerKind[] = ["connect-web", "grpc-js"];
const calls = 6;

describe("a replica that accepts calls and answers none", () => {
  let stack: Stack;
  let gateway: OwnGateway;
  let silent: Server;
  const sockets = new Set<Socket>();

  before(async () => {
    stack = await sharedStack();
    silent = createServer(socket => sockets.add(socket.on("error", () => {})));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const hung = { host: "127.0.0.1", port: (silent.address() as AddressInfo).port };
    const { services } = readEnvoyOptions(stack.env);
    const { grpc = [], http = [] } = services.question ?? {};
    gateway = await startOwnGateway(stack, {
      services: { ...services, question: { grpc: [hung, ...grpc], http: [hung, ...http] } },
    });
  });
  after(async () => {
    await gateway?.stop();
    for (const socket of sockets) {
      socket.destroy();
    }
    silent?.close();
  });

  for (const kind of kinds) {
    it(`costs reads time, and no answer: ${kind}`, async () => {
      const caller = createCaller(kind, gateway.url);
      const before = sockets.size;
      const read = () => caller.call(StoreService.method.listQuestions);
      const answers = await Promise.all(Array.from({ length: calls }, read));
      expect(answers.map(({ refusal }) => refusal)).to.deep.equal(Array(calls).fill(undefined));
      expect(sockets.size, "connections to the replica").to.be.greaterThan(before);
    });
  }
});
