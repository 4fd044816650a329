import { expect } from "chai";
import { Failure } from "#kit/failure.ts";
import { createSlots } from "./slots.ts";

const patient = new AbortController().signal;

describe("slots", () => {
  it("run so many at once, let so many wait, and turn the rest away", async () => {
    const runInSlot = createSlots({ running: 2, waiting: 1 });
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<number>());
    let running = 0;
    const works = gates.map(({ promise }) =>
      runInSlot(async () => {
        running += 1;
        return promise.finally(() => {
          running -= 1;
        });
      }, patient),
    );
    const refusal = await runInSlot(async () => 0, patient).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(Failure);
    expect(running).to.equal(2);
    gates.forEach(({ resolve }, index) => {
      resolve(index);
    });
    expect(await Promise.all(works)).to.deep.equal([0, 1, 2]);
    expect(await runInSlot(async () => 7, patient)).to.equal(7);
  });

  it("skip work that nobody waits for, and work that fails gives its slot back", async () => {
    const runInSlot = createSlots({ running: 1, waiting: 10 });
    const gate = Promise.withResolvers<void>();
    const first = runInSlot(() => gate.promise, patient);
    const caller = new AbortController();
    let ran = false;
    const skipped = runInSlot(async () => {
      ran = true;
    }, caller.signal).catch((error: unknown) => error);
    caller.abort(new Error("gone"));
    gate.reject(new Error("failed"));
    expect(await first.catch((error: Error) => error.message)).to.equal("failed");
    expect(await skipped).to.be.instanceOf(Error);
    expect(ran).to.equal(false);
    expect(await runInSlot(async () => 7, patient)).to.equal(7);
  });
});
