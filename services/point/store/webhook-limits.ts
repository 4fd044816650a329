import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** Says how many webhooks are listened to. */
export interface WebhookLimits {
  /** Counts one webhook. Returns false where its address or its charge had too many within a minute. */
  allow(address: string, chargeId: string): Promise<boolean>;
}

export interface WebhookLimitsOptions {
  readonly redis: Redis;
  readonly perAddress: number;
  readonly perCharge: number;
}

/** Counts in Redis, and in this process while Redis is away. */
export function createWebhookLimits({ redis, perAddress, perCharge }: WebhookLimitsOptions): WebhookLimits {
  const limiterOf = (name: string, points: number) =>
    new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `webhook:${name}`,
      points,
      duration: 60,
      insuranceLimiter: new RateLimiterMemory({ points, duration: 60 }),
    });
  const addresses = limiterOf("address", perAddress);
  const charges = limiterOf("charge", perCharge);
  return {
    async allow(address, chargeId) {
      try {
        await addresses.consume(address);
        await charges.consume(chargeId);
        return true;
      } catch (error) {
        if (error instanceof RateLimiterRes) {
          return false;
        }
        throw error;
      }
    },
  };
}
