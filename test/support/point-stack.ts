import type { Stack } from "../../dev/stack.ts";
import { chargeCheck } from "../../ops/books/charges.ts";
import { ledgerCheck } from "../../ops/books/ledger.ts";
import { openStores } from "../../ops/books/stores.ts";
import { startTestStack } from "./stack.ts";
import { until } from "./until.ts";

const env = {
  POINT_PG_TIMEOUT_MS: "1500",
  POINT_CONFIRM_WAIT_MS: "2500",
  POINT_RECONCILE_POLL_MS: "100",
  POINT_RECONCILE_CLAIM_MS: "10000",
  POINT_RECONCILE_BASE_MS: "100",
  POINT_RECONCILE_MAX_MS: "1000",
  POINT_MEASURE_POLL_MS: "500",
};

let started: Promise<Stack> | undefined;

/**
 * The services user and point, for the suites that play the pay service: what is held there is never bought, so the books of a whole mesh
 * would be wrong. Started by the first suite that asks, stopped after the last, when ledger and charges must be right.
 */
export function pointStack(): Promise<Stack> {
  started ??= startTestStack({ services: ["user", "point"], env });
  return started;
}

after(async function () {
  this.timeout(60_000);
  const stack = await started;
  if (stack !== undefined) {
    await requireRightPoints(stack).finally(() => stack.stop());
  }
});

async function requireRightPoints(stack: Stack): Promise<void> {
  const stores = await openStores(stack.env);
  try {
    await until(async () => {
      const open = await stores.databases.point.query("SELECT 1 FROM charge WHERE state = 'CONFIRMING'");
      return open.length === 0;
    }, "no charge is open");
    for (const check of [ledgerCheck, chargeCheck]) {
      for await (const damage of check.run(stores, { graceSeconds: 0, gatewayDays: 2 })) {
        throw new Error(`${check.name}: ${damage}`);
      }
    }
  } finally {
    await stores.close();
  }
}
