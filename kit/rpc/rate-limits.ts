import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Rate, RateSchema } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Logger } from "#kit/process/log.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/** Calls per minute that one caller may make, by rate class. */
interface RateLimits {
  readonly readPerMinute: number;
  readonly writePerMinute: number;
  readonly moneyPerMinute: number;
  readonly secretPerMinute: number;
  readonly mailPerMinute: number;
}

/** Counts one call of a caller against a class; throws RATE_LIMITED. */
export type RateLimiter = (rate: Rate, who: string) => Promise<void>;

/**
 * Counts in Redis, shared by all replicas. While Redis is unavailable, secrets and mails fall back to a stricter
 * limit in this process, because guessing must not become free; everything else passes.
 */
export function createRateLimiter(redis: Redis, limits: RateLimits, log: Logger): RateLimiter {
  const limiters = new Map<Rate, RateLimiterRedis>();
  const classes: [Rate, number, boolean][] = [
    [Rate.READ, limits.readPerMinute, false],
    [Rate.WRITE, limits.writePerMinute, false],
    [Rate.MONEY, limits.moneyPerMinute, false],
    [Rate.SECRET, limits.secretPerMinute, true],
    [Rate.MAIL, limits.mailPerMinute, true],
  ];
  for (const [rate, points, strict] of classes) {
    const insurance = new RateLimiterMemory({ points: Math.max(1, Math.floor(points / 4)), duration: 60 });
    limiters.set(
      rate,
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `rate:${RateSchema.value[rate]?.localName}`,
        points,
        duration: 60,
        ...(strict ? { insuranceLimiter: insurance } : {}),
      }),
    );
  }
  const outage = createOutageLog(log, "rate limiter");
  return async (rate, who) => {
    try {
      await limiters.get(rate)?.consume(who);
      outage.recovered();
    } catch (error) {
      if (error instanceof RateLimiterRes) {
        throw new Failure(Reason.RATE_LIMITED, { retryAfterMs: error.msBeforeNext });
      }
      outage.failed(error);
    }
  };
}
