import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { tooManyRegistrations } from "./failures.ts";

/** Counts one registration of an e-mail address by a client; throws RATE_LIMITED. */
export type RegistrationLimit = (email: string, clientAddress: string) => Promise<void>;

const durationSeconds = 3600;

/**
 * Limits the mails that one client can have sent to one address. There is no limit per address alone, which would let
 * others keep its owner from registering. While Redis is unavailable, each process counts for itself.
 */
export function createRegistrationLimit(redis: Redis, perHour: number): RegistrationLimit {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: "rate:registration",
    points: perHour,
    duration: durationSeconds,
    insuranceLimiter: new RateLimiterMemory({ points: perHour, duration: durationSeconds }),
  });
  return async (email, clientAddress) => {
    const address = createHash("sha256").update(email).digest("base64url");
    try {
      await limiter.consume(`${address} ${clientAddress}`);
    } catch (error) {
      throw error instanceof RateLimiterRes ? tooManyRegistrations(error.msBeforeNext) : error;
    }
  };
}
