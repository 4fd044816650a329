import { type Config, integer, optionalUrl, text } from "#kit/process/config.ts";

/** The endpoint and account of SNS, SQS and S3. */
export const awsConfig = {
  region: text("AWS_REGION", { fallback: "ap-northeast-2" }),
  /** Replaces AWS's own addresses, for an emulator. */
  endpoint: optionalUrl("AWS_ENDPOINT_URL"),
  accountId: text("AWS_ACCOUNT_ID", { pattern: [/^\d{12}$/, "twelve digits"] }),
};

/**
 * How queues are read, how long a message that is being handled stays invisible to others, and for how long one that
 * was handled waits for others, so that few calls delete many.
 */
export const queueConfig = {
  waitSeconds: integer("QUEUE_WAIT_SECONDS", { min: 1, max: 20, fallback: 20 }),
  visibilitySeconds: integer("QUEUE_VISIBILITY_SECONDS", { min: 2, max: 3600, fallback: 30 }),
  deleteDelayMs: integer("QUEUE_DELETE_DELAY_MS", { min: 0, max: 500, fallback: 200 }),
};

/** What the clients of SNS, SQS and S3 have in common. */
export function awsClientOptions(
  { region, endpoint }: Pick<Config<typeof awsConfig>, "region" | "endpoint">,
  { requestTimeoutMs = 10_000, maxAttempts = 3 } = {},
) {
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts,
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      // The request timeout ends with the headers of the answer.
      socketTimeout: requestTimeoutMs,
      connectionTimeout: 2000,
    },
  };
}
