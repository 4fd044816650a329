import type { Database } from "#kit/data/database.ts";
import {
  describeRows,
  type Invariant,
  readPages,
  stateInvariant,
  taskInvariant,
} from "#kit/data/invariants.ts";
import { reservationStates } from "#kit/data/reservation-facts.ts";
import type { Config } from "#kit/process/config.ts";
import { createLog } from "#kit/process/log.ts";
import { chargeTask } from "./db/charges.ts";
import { compareTask } from "./db/compared-days.ts";
import { type ChargeState, chargeTransitions } from "./domain/charge-rules.ts";
import { recentDays } from "./domain/korean-time.ts";
import { ledgerInvariant } from "./ledger-invariant.ts";
import { createPsps, type pspConfig } from "./psp/psps.ts";

const credits: Invariant = {
  name: "I5 charges and their credits",
  async *check(database, { graceSeconds }) {
    yield* describeRows<{ chargeId: string; state: string; amountPoints: bigint; credited: string }>(
      database,
      {
        sql: `SELECT c.charge_id, c.state, c.amount_points, COALESCE(SUM(e.delta_points), 0) AS credited
          FROM charge c LEFT JOIN ledger_entry e
            ON e.reference = c.charge_id AND e.type = 'CHARGE' AND e.user_id = c.user_id
          GROUP BY c.charge_id HAVING credited <> IF(c.state = 'CHARGED', c.amount_points, 0)`,
      },
      ({ chargeId, state, amountPoints, credited }) =>
        `charge ${chargeId} is ${state} over ${amountPoints} points and credited ${credited}`,
    );
    yield* describeRows<{ chargeId: string }>(
      database,
      {
        sql: "SELECT charge_id FROM charge WHERE state = 'CONFIRMING' AND create_time <= NOW(6) - INTERVAL ? SECOND",
        values: [graceSeconds],
      },
      ({ chargeId }) => `charge ${chargeId} is still CONFIRMING`,
    );
    yield* describeRows<{ chargeId: string }>(
      database,
      {
        sql: `SELECT charge_id FROM charge WHERE state = 'ORDERED'
          AND (payment_key IS NOT NULL OR idempotency_key IS NOT NULL OR confirm_time IS NOT NULL)`,
      },
      ({ chargeId }) => `charge ${chargeId} is ORDERED and has a payment key`,
    );
  },
};

/** What always holds over the rows of point. */
export const invariants: readonly Invariant[] = [
  ledgerInvariant,
  credits,
  stateInvariant({
    table: "charge",
    id: "charge_id",
    transitions: chargeTransitions,
    setIn: {
      idempotency_key: ["CONFIRMING"],
      payment_key: ["CONFIRMING", "CHARGED"],
      charge_time: ["CHARGED"],
      failure_code: ["FAILED"],
    },
  }),
  reservationStates,
  taskInvariant({
    kind: chargeTask,
    table: "charge",
    id: "charge_id",
    waiting: "state IN ('ORDERED', 'CONFIRMING')",
    mayRecheck: true,
  }),
  taskInvariant({
    kind: compareTask,
    table: "compared_day",
    id: "CONCAT(provider, ':', day)",
    waiting: "finish_time IS NULL",
  }),
];

/** How many points a purchase took from a user, as a negative number. */
interface MovedPoints {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly deltaPoints: bigint;
}

/** What purchases took from users, held points included; nothing for a purchase whose entries add up to zero. */
export async function readMovedPoints(
  database: Database,
  purchaseIds: readonly string[],
): Promise<MovedPoints[]> {
  return database.query(
    `SELECT reference AS purchase_id, user_id, CAST(SUM(delta_points) AS SIGNED) AS delta_points FROM ledger_entry
      WHERE reference IN (?) AND user_id IS NOT NULL
      GROUP BY reference, user_id HAVING SUM(delta_points) <> 0`,
    [purchaseIds],
  );
}

/** A charge, as far as it concerns its PSP. */
interface ChargeFacts {
  readonly chargeId: string;
  readonly state: ChargeState;
  readonly amountPoints: bigint;
  readonly createTime: Date;
}

/** All charges, in pages. */
export function readCharges(database: Database): AsyncIterable<ChargeFacts[]> {
  return readPages(database, {
    columns: "charge_id, state, amount_points, create_time",
    table: "charge",
    index: "PRIMARY",
    keyset: [{ column: "charge_id", direction: "ASC" }],
  });
}

/** A recorded difference between our ledger and the records of the PSP. */
interface RecordedDifference {
  readonly ourAmountPoints: bigint;
  readonly pspAmountPoints: bigint;
  readonly isOpen: boolean;
}

/** The recorded differences, by order id. */
export async function readDifferences(
  database: Database,
): Promise<ReadonlyMap<string, readonly RecordedDifference[]>> {
  const rows = await database.query<
    Omit<RecordedDifference, "isOpen"> & { chargeId: string; resolveTime: Date | null }
  >("SELECT charge_id, our_amount_points, psp_amount_points, resolve_time FROM discrepancy");
  return Map.groupBy(
    rows.map(({ resolveTime, ...row }) => ({ ...row, isOpen: resolveTime === null })),
    ({ chargeId }) => chargeId,
  );
}

/** What every PSP captured and did not refund in the last `days` Korean days, today included, by order id. */
export async function readCapturedPoints(
  config: Config<typeof pspConfig>,
  days: number,
): Promise<Map<string, bigint>> {
  const captured = new Map<string, bigint>();
  for (const psp of createPsps(config, { log: createLog("point", "silent") }).all) {
    for (const day of recentDays(days)) {
      for await (const row of psp.listTransactions(day)) {
        if (row.kind !== "unreadable") {
          const delta = row.kind === "capture" ? row.amountPoints : -row.amountPoints;
          captured.set(row.chargeId, (captured.get(row.chargeId) ?? 0n) + delta);
        }
      }
    }
  }
  return captured;
}
