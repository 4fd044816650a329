import { expect } from "chai";
import { Access, type Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { type Failure, reasonName } from "#kit/contract/failure.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import type { Call } from "#kit/rpc/call.ts";
import { admitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { createOverload } from "#kit/rpc/overload.ts";
import { until } from "../support/stack/until.ts";

// Longer than any turn of a busy machine.
const maxWaitMs = 60_000;
const arriving = { isInternal: false, inFlight: 50, publicInFlight: 50 };
const turn = () => new Promise(resolve => setImmediate(resolve));

/** Keeps the event loop from turning. */
function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) {
    // Nothing else runs.
  }
}

describe("overload", () => {
  it("of the event loop is when turns take long for a while, and not one of them", async () => {
    const overload = createOverload({ maxWaitMs: 20, connectionWaitedMs: () => 0 });
    expect(overload.noteCall(arriving)).to.equal(undefined);
    block(300);
    expect(overload.noteCall(arriving), "after one long turn").to.equal(undefined);
    let waitsFor: string | undefined;
    for (let turns = 0; turns < 100 && waitsFor === undefined; turns++) {
      await turn();
      block(60);
      waitsFor = overload.noteCall(arriving);
    }
    expect(waitsFor).to.equal("event_loop");
    await until(() => overload.noteCall(arriving) === undefined, "turns are short again");
  });

  it("of the pool is when connections are waited for for a while, until none is", async () => {
    let waitedMs = maxWaitMs / 2;
    const overload = createOverload({ maxWaitMs, connectionWaitedMs: () => waitedMs });
    let calls = 0;
    await until(() => {
      expect(overload.noteCall(arriving)).to.equal(undefined);
      calls += 1;
      return calls === 20;
    }, "calls have waited less than the limit for long");
    waitedMs = 2 * maxWaitMs;
    expect(overload.noteCall(arriving)).to.equal("connection");
    waitedMs = 0;
    await until(() => overload.noteCall(arriving) === undefined, "calls are admitted again");
  });

  it("lets in fewer and fewer calls while they wait long, and one more at a time once they wait less", async () => {
    let waitedMs = 0;
    const overload = createOverload({ maxWaitMs, connectionWaitedMs: () => waitedMs });
    const isAdmitted = (inFlight: number) =>
      overload.noteCall({ isInternal: false, inFlight, publicInFlight: inFlight }) === undefined;
    waitedMs = 2 * maxWaitMs;
    await until(() => !isAdmitted(100), "a queue stands");
    waitedMs = 0.75 * maxWaitMs;
    await until(() => !isAdmitted(20), "fewer are admitted");
    expect(isAdmitted(9)).to.equal(true);
    const amongInternal = { isInternal: false, inFlight: 500, publicInFlight: 9 };
    expect(overload.noteCall(amongInternal)).to.equal(undefined);
    waitedMs = 0;
    await until(() => isAdmitted(60), "more are admitted");
    expect(isAdmitted(1000)).to.equal(false);
  });
});

describe("an overloaded service", () => {
  let waitedMs: number;
  let ended: PromiseWithResolvers<Record<string, never>>;
  let started: number;
  let admitted: Promise<unknown>[];
  let call: (kind: "user" | "internal") => Promise<string>;
  let refusals: () => Promise<unknown>;

  beforeEach(() => {
    waitedMs = 0;
    ended = Promise.withResolvers<Record<string, never>>();
    started = 0;
    admitted = [];
    const metrics = createMetrics("overloaded");
    const admit = admitCalls({ maxCalls: 1000, maxWaitMs, connectionWaitedMs: () => waitedMs, metrics });
    const handle = () => {
      started += 1;
      return ended.promise;
    };
    const handlers = {
      user: admit({ access: Access.USER } as Policy)(handle),
      internal: admit({ access: Access.INTERNAL } as Policy)(handle),
    };
    call = async kind => {
      const answer = handlers[kind]({} as Call).then(
        () => "answered",
        (error: Failure) => reasonName(error.reason),
      );
      admitted.push(answer);
      return Promise.race([answer, turn().then(() => "admitted")]);
    };
    refusals = async () =>
      (await metrics.callsOverloaded.get()).values.map(({ labels, value }) => [labels.waits_for, value]);
  });
  afterEach(() => ended.resolve({}));

  const load = async () => {
    for (let calls = 0; calls < 10; calls++) {
      expect(await call("user")).to.equal("admitted");
    }
  };
  const untilRefused = () =>
    until(async () => (await call("user")) === "SERVICE_UNAVAILABLE", "a call is refused");

  it("refuses public calls first, and internal ones at four times the wait; nothing has started for them", async () => {
    await load();
    waitedMs = maxWaitMs * 2;
    await untilRefused();
    expect(await call("internal")).to.equal("admitted");
    waitedMs = maxWaitMs * 5;
    const before = started;
    expect(await call("internal")).to.equal("SERVICE_UNAVAILABLE");
    expect(await call("user")).to.equal("SERVICE_UNAVAILABLE");
    expect(started).to.equal(before);
    expect(await refusals()).to.deep.include(["connection", 3]);
    waitedMs = 0;
    await until(async () => (await call("user")) === "admitted", "calls are admitted again");
  });

  it("admits ten calls, which do not wait because of each other", async () => {
    waitedMs = maxWaitMs * 2;
    await load();
    await untilRefused();
    ended.resolve({});
    await Promise.all(admitted);
    expect(await call("user")).to.equal("answered");
  });
});
