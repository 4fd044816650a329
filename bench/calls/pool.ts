import { setTimeout as delay } from "node:timers/promises";
import { createSlots } from "#services/user/slots.ts";

const workMs = 10;

/** Work that takes 10 ms in one of some slots, as on a pool of connections, and waits for one. */
export function createPoolOf<T>(slots: number, work: () => Promise<T>): () => Promise<T> {
  const runInSlot = createSlots({ maxRunning: slots, maxWaiting: 1_000_000 });
  const never = new AbortController().signal;
  return () =>
    runInSlot(async () => {
      await delay(workMs);
      return work();
    }, never);
}
