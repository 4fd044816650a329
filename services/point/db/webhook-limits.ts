import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** Limits how many webhooks lead to a recheck. */
export interface WebhookLimits {
  /** Counts one webhook. Returns false where its address or its charge had too many within a minute. */
  allow(address: string, chargeId: string): Promise<boolean>;
}

/** Counts in Redis, and in this process while Redis is unavailable. */
export function createWebhookLimits(
  redis: Redis,
  limits: { readonly addressPerMinute: number; readonly chargePerMinute: number },
): WebhookLimits {
  const limiterOf = (name: string, points: number) =>
    new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `webhook:${name}`,
      points,
      duration: 60,
      insuranceLimiter: new RateLimiterMemory({ points, duration: 60 }),
    });
  const addresses = limiterOf("address", limits.addressPerMinute);
  const charges = limiterOf("charge", limits.chargePerMinute);
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
