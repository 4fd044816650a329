import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** Limits how many webhooks lead to a recheck. */
export interface WebhookLimits {
  /**
   * Counts one webhook. Returns false where its sender sent too many within a minute, in all or about this charge.
   * Senders are counted apart, so that none takes away what another may send.
   */
  allow(sender: WebhookSender, chargeId: string): Promise<boolean>;
}

/** Who sends a webhook: an address, on the path of a PSP. */
interface WebhookSender {
  readonly psp: string;
  readonly address: string;
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
    async allow({ psp, address }, chargeId) {
      const sender = `${psp}:${address}`;
      try {
        await addresses.consume(sender);
        await charges.consume(`${sender}:${chargeId}`);
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
