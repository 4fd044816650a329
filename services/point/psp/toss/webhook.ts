import * as z from "zod";
import type { PspWebhook } from "../psp.ts";

const webhookBytesMax = 64 * 1024;

const orderId = z.string().regex(/^[A-Za-z0-9_-]{6,64}$/);

const webhook = z.union([
  z.object({ eventType: z.literal("PAYMENT_STATUS_CHANGED"), data: z.object({ orderId }) }),
  z.object({ eventType: z.undefined().optional(), secret: z.string(), status: z.string(), orderId }),
]);

/** Toss does not sign payment webhooks, so their content may be forged. */
export function parseTossWebhook(rawBody: Uint8Array): PspWebhook | undefined {
  if (rawBody.byteLength > webhookBytesMax) {
    return undefined;
  }
  try {
    const parsed = webhook.parse(JSON.parse(Buffer.from(rawBody).toString("utf8")));
    return { chargeId: "data" in parsed ? parsed.data.orderId : parsed.orderId };
  } catch {
    return undefined;
  }
}
