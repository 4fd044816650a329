import { setTimeout as delay } from "node:timers/promises";
import { ConnectError, type Interceptor } from "@connectrpc/connect";
import { RetryInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { reasonOf } from "../demo/refusal.ts";

const maxWaits = 20;
const otherwiseMs = 5000;

/** Calls again what was refused because one user called too often, after the time that the refusal names. */
export const waitForRate: Interceptor = next => async request => {
  for (let waits = 0; ; waits++) {
    try {
      return await next(request);
    } catch (error) {
      if (waits === maxWaits || reasonOf(error) !== "RATE_LIMITED") {
        throw error;
      }
      await delay(waitMsOf(error));
    }
  }
};

function waitMsOf(error: unknown): number {
  const [retryInfo] = error instanceof ConnectError ? error.findDetails(RetryInfoSchema) : [];
  const { seconds = 0n, nanos = 0 } = retryInfo?.retryDelay ?? {};
  return Number(seconds) * 1000 + nanos / 1e6 || otherwiseMs;
}
