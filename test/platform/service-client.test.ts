import dns from "node:dns";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { expect } from "chai";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { CouponHoldService } from "#gen/questioncloud/coupon/v1/internal_coupon_hold_pb.ts";
import { createServiceClient } from "#kit/rpc/client/service-client.ts";
import { onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { startListeners } from "../support/rpc/listeners.ts";
import { startTcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

describe("a service client", () => {
  let server: Server;
  let address: string;
  let calls = 0;

  before(async () => {
    server = new Server();
    const refuse = {
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    const methods = [CouponHoldService.method.getCouponTerms, CouponService.method.registerCoupon];
    for (const method of methods) {
      const path = `/${method.parent.typeName}/${method.name}`;
      server.addService(
        { [method.name]: { ...refuse, path } },
        {
          [method.name]: (_: unknown, answer: (error: { code: status }) => void) => {
            calls += 1;
            answer({ code: status.UNAVAILABLE });
          },
        },
      );
    }
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    address = `127.0.0.1:${port}`;
  });
  beforeEach(() => {
    calls = 0;
  });
  after(() => server?.forceShutdown());

  const options = () => ({
    name: "coupon",
    addresses: [address],
    sign: async () => "",
  });

  it("makes three attempts where the method may be repeated", async () => {
    const client = createServiceClient(CouponHoldService, options());
    const { reason } = await refusalOf(client.getCouponTerms({ userCouponIds: [1n] }, onBehalfOf(1n)));
    client.close();
    expect([reason, calls]).to.deep.equal(["SERVICE_UNAVAILABLE", 3]);
  });

  it("makes one attempt where it may not", async () => {
    const client = createServiceClient(CouponService, options());
    const { reason } = await refusalOf(client.registerCoupon({ code: "ABCD" }, onBehalfOf(1n)));
    client.close();
    expect([reason, calls]).to.deep.equal(["SERVICE_UNAVAILABLE", 1]);
  });

  it("finds new addresses within seconds, as after a rollout that has replaced every pod", async () => {
    const { lookup } = dns.promises;
    let current = "127.0.0.9";
    const stub = async () => [{ address: current, family: 4 }];
    dns.promises.lookup = stub as unknown as typeof lookup;
    const addresses = [`pods.example:${address.split(":")[1]}`];
    const client = createServiceClient(CouponHoldService, { ...options(), addresses });
    try {
      await refusalOf(client.getCouponTerms({ userCouponIds: [1n] }, onBehalfOf(1n)));
      expect(calls).to.equal(0);
      current = "127.0.0.1";
      // By default a client looks again after thirty seconds.
      await until(
        async () => {
          await refusalOf(client.getCouponTerms({ userCouponIds: [1n] }, onBehalfOf(1n)));
          return calls > 0;
        },
        "the new address is called",
        { stuckMs: 15_000 },
      );
    } finally {
      dns.promises.lookup = lookup;
      client.close();
    }
  });

  it("drops a connection that falls silent between calls", async () => {
    const gate = await startTcpGate(Number(address.split(":")[1]));
    const dropped = Promise.withResolvers<void>();
    const front = createServer(socket => {
      socket.once("close", () => dropped.resolve());
      const through = connect(gate.port, "127.0.0.1");
      socket.pipe(through).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(front, "listening");
    const addresses = [`127.0.0.1:${(front.address() as AddressInfo).port}`];
    const client = createServiceClient(CouponService, { ...options(), addresses });
    await refusalOf(client.registerCoupon({ code: "ABCD" }, onBehalfOf(1n)));
    gate.mute();
    await dropped.promise;
    client.close();
    front.close();
    await gate.close();
    expect(calls).to.equal(1);
  });

  it("takes a method that its callee does not have for a fault, not for an answer to its caller", async () => {
    const listeners = await startListeners();
    const addresses = [new URL(listeners.grpcUrl).host];
    const client = createServiceClient(CouponHoldService, { ...options(), addresses });
    const { reason } = await refusalOf(client.getCouponTerms({ userCouponIds: [1n] }, onBehalfOf(1n)));
    client.close();
    await listeners.stop();
    expect(reason).to.equal("INTERNAL_SERVER_ERROR");
  });

  it("makes no attempt where its caller hangs up while the token is being signed", async () => {
    const caller = new AbortController();
    const sign = async () => {
      caller.abort();
      return "";
    };
    const client = createServiceClient(CouponService, { ...options(), sign });
    const context = { ...onBehalfOf(1n), signal: caller.signal };
    const { reason } = await refusalOf(client.registerCoupon({ code: "ABCD" }, context));
    client.close();
    expect([reason, calls]).to.deep.equal(["SERVICE_UNAVAILABLE", 0]);
  });
});
