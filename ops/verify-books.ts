import { parseArgs } from "node:util";
import type { Environment } from "#kit/config.ts";
import { chargeCheck } from "./books/charges.ts";
import { couponCheck } from "./books/coupons.ts";
import { eventCheck } from "./books/events.ts";
import { historyCheck } from "./books/history.ts";
import { ledgerCheck } from "./books/ledger.ts";
import { purchaseCheck } from "./books/purchases.ts";
import { stateCheck } from "./books/states.ts";
import { statisticsCheck } from "./books/statistics.ts";
import { type CheckOptions, openStores } from "./books/stores.ts";

const checks = [
  ledgerCheck,
  purchaseCheck,
  eventCheck,
  couponCheck,
  chargeCheck,
  statisticsCheck,
  historyCheck,
  stateCheck,
];

/** What one rule found. */
export interface Finding {
  readonly name: string;
  /** One line for each thing that breaks the rule, the first hundred. */
  readonly damages: readonly string[];
}

const maxDamages = 100;

/** Walks all stores and proves that the books are right. Changes nothing. */
export async function verifyBooks(env: Environment, options: CheckOptions): Promise<Finding[]> {
  const stores = await openStores(env);
  try {
    const findings: Finding[] = [];
    for (const { name, run } of checks) {
      const damages: string[] = [];
      for await (const damage of run(stores, options)) {
        damages.push(damage);
        if (damages.length === maxDamages) {
          break;
        }
      }
      findings.push({ name, damages });
    }
    return findings;
  } finally {
    await stores.close();
  }
}

const usage = `npm run verify-books -- [--grace-seconds N] [--gateway-days N]

Walks all stores and proves that the books are right. Changes nothing. Exits with 1 where it finds damage.

  --grace-seconds N  leaves out what is younger than N seconds and may still be under way (900)
  --gateway-days N   compares the last N days with the payment gateway's own books (7)

Reads <SERVICE>_DATABASE_URL of every service, PAY_MONGODB_URI, POINT_PG_API_URL and POINT_PG_SECRET_KEY.
`;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      "grace-seconds": { type: "string", default: "900" },
      "gateway-days": { type: "string", default: "7" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
  } else {
    const options = {
      graceSeconds: Number(values["grace-seconds"]),
      gatewayDays: Number(values["gateway-days"]),
    };
    for (const { name, damages } of await verifyBooks(process.env, options)) {
      process.stdout.write(
        `${damages.length === 0 ? "ok    " : "DAMAGE"} ${name}\n${damages.map(damage => `         ${damage}\n`).join("")}`,
      );
      process.exitCode ||= damages.length === 0 ? 0 : 1;
    }
  }
}
