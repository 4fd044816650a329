import { type Config, integer, text, url } from "#kit/process/config.ts";

/** The variables of Toss Payments. */
export const tossConfig = {
  /** Only its origin is used: `https://api.tosspayments.com`, or the simulator. */
  apiUrl: url("POINT_TOSS_API_URL"),
  secretKey: text("POINT_TOSS_SECRET_KEY", { secret: true }),
  clientKey: text("POINT_TOSS_CLIENT_KEY"),
  /** The payment page. */
  checkoutUrl: url("POINT_TOSS_CHECKOUT_URL"),
  /** For one HTTP request, from connecting to reading the body; Toss recommends 60 s. */
  timeoutMs: integer("POINT_TOSS_TIMEOUT_MS", { min: 100, max: 120_000, fallback: 60_000 }),
};

export type TossConfig = Config<typeof tossConfig>;
