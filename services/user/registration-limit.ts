import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Logger } from "#kit/process/log.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";
import { createLimit } from "#kit/rpc/rate-limits.ts";

/** Counts one registration of an e-mail address by a client; throws RATE_LIMITED. */
export type RegistrationLimit = (email: string, clientAddress: string) => Promise<void>;

/**
 * Limits the mails that one client can have sent to one address. There is no limit per address alone, which would let
 * others keep its owner from registering.
 */
export function createRegistrationLimit(redis: Redis, perHour: number, log: Logger): RegistrationLimit {
  const options = { name: "registration", uses: perHour, seconds: 3600, isStrict: true };
  const limit = createLimit(redis, options, createOutageLog(log, "registration limiter"));
  return async (email, clientAddress) => {
    await limit.use(`${createHash("sha256").update(email).digest("base64url")} ${clientAddress}`);
  };
}
