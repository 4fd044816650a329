import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { type Config, integer, url } from "#kit/process/config.ts";
import { notLonger } from "#kit/process/duration-rules.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

const variables = {
  runtime: runtimeConfig("pay"),
  mongo: { uri: url("PAY_MONGODB_URI", { schemes: ["mongodb", "mongodb+srv"], secret: true }) },
  purchase: {
    /** The time limit of one attempt at a purchase, even if its caller stops waiting. */
    workMs: integer("PAY_WORK_MS", {
      min: 100,
      max: policyOf(PaymentService.method.purchaseQuestions).deadlineMs,
      fallback: 12_000,
    }),
    /** After this a pending purchase is canceled. */
    pendingLimitMs: integer("PAY_PENDING_LIMIT_MS", { min: 1000, max: 86_400_000, fallback: 600_000 }),
    /** How long a claim lasts unless renewed, and so how long the crash of a replica delays a purchase. */
    claimMs: integer("PAY_CLAIM_MS", { min: 100, max: 600_000, fallback: 10_000 }),
  },
  resolve: {
    pollMs: integer("PAY_RESOLVE_POLL_MS", { min: 10, max: 600_000, fallback: 5_000 }),
    baseMs: integer("PAY_RESOLVE_BASE_MS", { min: 10, max: 600_000, fallback: 2_000 }),
    maxMs: integer("PAY_RESOLVE_MAX_MS", { min: 10, max: 600_000, fallback: 60_000 }),
  },
};

/** The variables of the pay service. */
export const config = {
  ...variables,
  rules: [
    // An attempt ends before its purchase is given up, and before its process stops.
    notLonger(variables.purchase.workMs, variables.purchase.pendingLimitMs),
    notLonger(variables.purchase.workMs, variables.runtime.drain.limitMs),
    notLonger(variables.purchase.claimMs, variables.purchase.pendingLimitMs),
    notLonger(variables.resolve.baseMs, variables.resolve.maxMs),
  ],
};

export type PayConfig = Config<typeof config>;
