import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { CartService, RemoveFromCartRequestSchema } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { signUp } from "../support/market/people.ts";
import { bearer, type CallerKind, createCaller, type Outcome } from "../support/rpc/callers.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";

const kinds: readonly CallerKind[] = ["connect-web", "grpc-js"];
const calls = 6;

describe("a replica that accepts calls and answers none", () => {
  let stack: Stack;
  let gateway: OwnGateway;
  let silent: Server;
  let headers: Record<string, string>;
  const sockets = new Set<Socket>();

  before(async () => {
    stack = await sharedStack();
    headers = bearer((await signUp(stack)).token);
    silent = createServer(socket => sockets.add(socket.on("error", () => {})));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const hung = { host: "127.0.0.1", port: (silent.address() as AddressInfo).port };
    const { services } = readEnvoyOptions(stack.env);
    const withHung = (service: string) => {
      const { grpc = [], http = [] } = services[service] ?? {};
      return { grpc: [hung, ...grpc], http: [hung, ...http] };
    };
    gateway = await startOwnGateway(stack, {
      services: { ...services, question: withHung("question"), cart: withHung("cart") },
    });
  });
  after(async () => {
    await gateway?.stop();
    for (const socket of sockets) {
      socket.destroy();
    }
    silent?.close();
  });

  const requireAnswers = async (call: () => Promise<Outcome>) => {
    const before = sockets.size;
    const answers = await Promise.all(Array.from({ length: calls }, call));
    expect(answers.map(({ refusal }) => refusal)).to.deep.equal(Array(calls).fill(undefined));
    expect(sockets.size, "connections to the replica").to.be.greaterThan(before);
  };

  for (const kind of kinds) {
    it(`costs reads time, and no answer: ${kind}`, async () => {
      const caller = createCaller(kind, gateway.url);
      await requireAnswers(() => caller.call(StoreService.method.listQuestions));
    });

    it(`costs what may be repeated half of its time, and no answer: ${kind}`, async () => {
      const caller = createCaller(kind, gateway.url);
      const request = create(RemoveFromCartRequestSchema, { questionIds: [1n] });
      await requireAnswers(() => caller.call(CartService.method.removeFromCart, request, { headers }));
    });
  }
});
