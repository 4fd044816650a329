import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import type { Logger } from "#kit/process/log.ts";
import { createRateLimiter } from "#kit/rpc/rate-limits.ts";

/** Counts one login with an e-mail address; throws RATE_LIMITED. */
export type LoginLimit = (email: string) => Promise<void>;

/** Limits logins per e-mail address, because guesses at one password may come from many network addresses. */
export function createLoginLimit(redis: Redis, perMinute: number, log: Logger): LoginLimit {
  const limits = {
    readPerMinute: perMinute,
    writePerMinute: perMinute,
    moneyPerMinute: perMinute,
    secretPerMinute: perMinute,
    mailPerMinute: perMinute,
  };
  const limit = createRateLimiter(redis, limits, log);
  return email => limit(Rate.SECRET, `login ${createHash("sha256").update(email).digest("base64url")}`);
}
