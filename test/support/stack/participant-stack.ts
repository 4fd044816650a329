import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { requireNoViolations, startTestStack } from "./stack.ts";
import { until } from "./until.ts";

// Tests compare days themselves.
const env = { POINT_MEASURE_POLL_MS: "500", POINT_COMPARE_POLL_MS: "86400000" };

let started: Promise<Stack> | undefined;

const services = ["user", "creator", "question", "review", "point", "coupon"];

/**
 * The participants of a purchase and those around them, for suites that act as the pay service: what they reserve
 * belongs to no purchase, which would violate invariants of a whole stack. Started on first use and stopped at the end,
 * when the invariants of point must hold.
 */
export function participantStack(): Promise<Stack> {
  started ??= startTestStack({ services, env });
  return started;
}

after(async () => {
  const stack = await started;
  if (stack !== undefined) {
    await requireNoOpenCharge(stack)
      .then(() => requireNoViolations(stack, ["point"]))
      .finally(() => stack.stop());
  }
});

async function requireNoOpenCharge(stack: Stack): Promise<void> {
  const sql = await connectAdmin(stack.mariadb.url);
  try {
    await until(async () => {
      const open = await sql.query("SELECT 1 FROM point.charge WHERE state = 'CONFIRMING'");
      return open.length === 0;
    }, "no charge is open");
  } finally {
    await sql.end();
  }
}
