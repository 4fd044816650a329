import { parseArgs } from "node:util";
import type { Environment } from "#kit/process/config.ts";
import { createLog } from "#kit/process/log.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { config as pointConfig } from "#services/point/config.ts";
import { recentDays } from "#services/point/domain/korean-time.ts";
import { createOwnerSignatures } from "#services/point/owner-signatures.ts";
import { createPsps, pspConfig } from "#services/point/psp/psps.ts";
import { enterLostPayment, findLostPayments, type LostPayment } from "#services/point/recover-charges.ts";
import { hasAccount } from "#services/user/invariants.ts";
import { runCommand, UsageError } from "./command-line.ts";
import { databaseConfig, openDatabases } from "./databases.ts";
import { commandEnvironment } from "./environment.ts";

const usage = `npm run recover-charges -- [--days N] [--apply]

After databases were restored to an earlier point: lists what PSPs captured and the ledger of point has no charge for.
With --apply it enters the charge again where the payment names a user who has an account and whom point has signed:
the reconciler asks the PSP and credits it once. Any other becomes a discrepancy, for an administrator. May be repeated,
while services run or not. What it enters is in the audit log of point.
Exits with 0 when nothing is lost or every charge was entered, 1 when a payment is left to an administrator or, without
--apply, when there is something to enter, 2 when called wrongly.

  --days N  Korean days to compare, today included (2)
  --apply   changes the database; otherwise the command only lists

Reads POINT_DATABASE_URL, USER_DATABASE_URL, POINT_CHECKOUT_SECRETS and POINT_TOSS_*; without them it uses the local
stack that is running.
`;

const services = ["point", "user"];
const config = { databases: databaseConfig(services), psp: pspConfig, checkout: pointConfig.checkout };

/** Finds, and with `apply` enters, what PSPs captured in the last days and the ledger has no charge for. */
export async function* recoverCharges(
  env: Environment,
  { days, apply }: { readonly days: number; readonly apply: boolean },
): AsyncIterable<LostPayment> {
  const { psp, checkout } = readConfig(env, config);
  const psps = createPsps(psp, { log: createLog("point", "silent") });
  const signatures = createOwnerSignatures(checkout.secrets);
  const databases = openDatabases(env, services);
  try {
    const isKnown = (userId: bigint) => databases.use("user", user => hasAccount(user, userId));
    const owners = { signatures, isKnown };
    for (const psp of psps.all) {
      for (const day of recentDays(days)) {
        for await (const lost of findLostPayments(databases.of("point"), psp, day, owners)) {
          if (apply) {
            await enterLostPayment(databases.of("point"), lost);
          }
          yield lost;
        }
      }
    }
  } finally {
    await databases.close();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      days: { type: "string", default: "2" },
      apply: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const days = Number(values.days);
  if (!Number.isSafeInteger(days) || days < 1) {
    throw new UsageError("--days must be a whole number from 1");
  }
  const { apply } = values;
  const counts = { entered: 0, left: 0 };
  for await (const lost of recoverCharges(await commandEnvironment(config), { days, apply })) {
    counts["problem" in lost.charge ? "left" : "entered"] += 1;
    process.stdout.write(`${describe(lost)}\n`);
  }
  const { entered, left } = counts;
  const done = apply ? "entered again" : "to enter with --apply";
  process.stdout.write(`${entered + left} payments without a charge: ${entered} ${done}, ${left} left\n`);
  return left > 0 || (entered > 0 && !apply) ? 1 : 0;
}

function describe({ chargeId, amountPoints, captureTime, charge }: LostPayment): string {
  const what = "problem" in charge ? `LEFT: ${charge.problem}` : `user ${charge.userId}`;
  return `${captureTime?.toISOString() ?? "unknown time"}  ${chargeId}  ${String(amountPoints).padStart(7)}  ${what}`;
}

if (import.meta.main) {
  await runCommand("recover-charges", main);
}
