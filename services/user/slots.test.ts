import { expect } from "chai";
import { Failure } from "#kit/contract/failure.ts";
import { createSlots } from "./slots.ts";

const noAbort = new AbortController().signal;

describe("slots", () => {
  it("limit what runs and what waits, and refuse the rest", async () => {
    const runInSlot = createSlots({ maxRunning: 2, maxWaiting: 1 });
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<number>());
    let running = 0;
    const works = gates.map(({ promise }) =>
      runInSlot(async () => {
        running += 1;
        return promise.finally(() => {
          running -= 1;
        });
      }, noAbort),
    );
    const refusal = await runInSlot(async () => 0, noAbort).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(Failure);
    expect(running).to.equal(2);
    gates.forEach(({ resolve }, index) => {
      resolve(index);
    });
    expect(await Promise.all(works)).to.deep.equal([0, 1, 2]);
    expect(await runInSlot(async () => 7, noAbort)).to.equal(7);
  });

  it("give the place of a caller who gave up to the next", async () => {
    const runInSlot = createSlots({ maxRunning: 1, maxWaiting: 1 });
    const gate = Promise.withResolvers<void>();
    const first = runInSlot(() => gate.promise, noAbort);
    const caller = new AbortController();
    const gone = runInSlot(async () => 1, caller.signal).catch((error: Error) => error.message);
    caller.abort(new Error("gone"));
    const next = runInSlot(async () => 2, noAbort);
    gate.resolve();
    await first;
    expect(await Promise.all([gone, next])).to.deep.equal(["gone", 2]);
  });

  it("skip work whose caller gave up, and are freed by work that fails", async () => {
    const runInSlot = createSlots({ maxRunning: 1, maxWaiting: 10 });
    const gate = Promise.withResolvers<void>();
    const first = runInSlot(() => gate.promise, noAbort);
    const caller = new AbortController();
    let ran = false;
    const skipped = runInSlot(async () => {
      ran = true;
    }, caller.signal).catch((error: unknown) => error);
    caller.abort(new Error("gone"));
    expect(await skipped).to.have.property("message", "gone");
    gate.reject(new Error("failed"));
    expect(await first.catch((error: Error) => error.message)).to.equal("failed");
    expect(ran).to.equal(false);
    expect(await runInSlot(async () => 7, noAbort)).to.equal(7);
  });
});
