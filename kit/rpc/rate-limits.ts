import type { Redis } from "ioredis";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Rate, RateSchema } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Logger } from "#kit/process/log.ts";
import { createOutageLog, type OutageLog } from "#kit/process/outage-log.ts";
import { createUseCounter } from "#kit/rpc/use-counter.ts";

/** A limit of uses within a time, for each key by itself. */
interface Limit {
  /** Counts one use; throws RATE_LIMITED. Returns how to give the use back, where it turns out not to count. */
  use(key: string): Promise<() => Promise<void>>;
}

interface LimitOptions {
  /** Unique among all limits in one Redis. */
  readonly name: string;
  readonly uses: number;
  readonly seconds: number;
  /** While Redis is unavailable a stricter limit in this process holds; other limits let everything pass. */
  readonly isStrict: boolean;
}

/** Creates a limit that is counted in Redis, shared by all replicas. */
export function createLimit(redis: Redis, options: LimitOptions, outage: OutageLog): Limit {
  const { name, uses, seconds, isStrict } = options;
  const shared = createUseCounter(redis, { prefix: `rate:${name}`, uses, seconds });
  const insurance = new RateLimiterMemory({ points: Math.max(1, Math.floor(uses / 4)), duration: seconds });
  return {
    async use(key) {
      let waitMs: number;
      try {
        waitMs = await shared.count(key);
      } catch (error) {
        outage.failed(error);
        return isStrict ? insure(insurance, key) : async () => {};
      }
      outage.recovered();
      if (waitMs > 0) {
        throw new Failure(Reason.RATE_LIMITED, { retryAfterMs: waitMs });
      }
      return () => shared.giveBack(key).catch(outage.failed);
    },
  };
}

/** Counts one use in this process. */
async function insure(limiter: RateLimiterMemory, key: string): Promise<() => Promise<void>> {
  await limiter.consume(key).catch((refused: RateLimiterRes) => {
    throw new Failure(Reason.RATE_LIMITED, { retryAfterMs: refused.msBeforeNext });
  });
  return async () => {
    await limiter.reward(key);
  };
}

/** Calls per minute that one caller may make, by rate class. */
interface RateLimits {
  readonly readPerMinute: number;
  readonly writePerMinute: number;
  readonly moneyPerMinute: number;
  readonly secretPerMinute: number;
  readonly mailPerMinute: number;
}

/** Counts one call of a caller against a class; throws RATE_LIMITED. */
export type RateLimiter = (rate: Rate, who: string) => Promise<unknown>;

/** Creates the limits of all rate classes. Secrets and mails are strict, because guessing must not become free. */
export function createRateLimiter(redis: Redis, limits: RateLimits, log: Logger): RateLimiter {
  const outage = createOutageLog(log, "rate limiter");
  const limitOf = (rate: Rate, perMinute: number, isStrict: boolean): [Rate, Limit] => {
    const name = RateSchema.value[rate]?.localName ?? "";
    return [rate, createLimit(redis, { name, uses: perMinute, seconds: 60, isStrict }, outage)];
  };
  const classes = new Map([
    limitOf(Rate.READ, limits.readPerMinute, false),
    limitOf(Rate.WRITE, limits.writePerMinute, false),
    limitOf(Rate.MONEY, limits.moneyPerMinute, false),
    limitOf(Rate.SECRET, limits.secretPerMinute, true),
    limitOf(Rate.MAIL, limits.mailPerMinute, true),
  ]);
  return (rate, who) => classes.get(rate)?.use(who) ?? Promise.resolve();
}
