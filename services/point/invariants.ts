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
import { type ChargeState, chargeTransitions } from "./domain/charge-rules.ts";
import { koreanDayOf } from "./domain/compared-days.ts";
import { createPsps, type pspConfig } from "./psp/psps.ts";

const ledger: Invariant = {
  name: "I1 ledger and wallets",
  async *check(database) {
    const [total] = await database.query<{ points: string | null }>(
      "SELECT SUM(delta_points) AS points FROM ledger_entry",
    );
    if (BigInt(total?.points ?? 0) !== 0n) {
      yield `the sum of all entries is ${total?.points}, not 0`;
    }
    yield* describeRows<{ reference: string; type: string }>(
      database,
      {
        sql: "SELECT reference, type FROM ledger_entry GROUP BY reference, type HAVING SUM(delta_points) <> 0",
      },
      ({ reference, type }) => `${type} ${reference} has one side only`,
    );
    yield* describeRows<{ userId: bigint; wallet: string; entries: string }>(
      database,
      { sql: differingWallets },
      ({ userId, wallet, entries }) => `the wallet of user ${userId} has ${wallet}, its entries ${entries}`,
    );
    yield* describeRows<{ userId: bigint }>(
      database,
      { sql: "SELECT user_id FROM wallet WHERE paid_points < 0 OR bonus_points < 0 OR held_points < 0" },
      ({ userId }) => `the wallet of user ${userId} is below zero`,
    );
  },
};

const differingWallets = `SELECT user_id, GROUP_CONCAT(CONCAT(account, '=', wallet) ORDER BY account) AS wallet,
    GROUP_CONCAT(CONCAT(account, '=', entries) ORDER BY account) AS entries
  FROM (SELECT user_id, account, SUM(wallet) AS wallet, SUM(entries) AS entries FROM (
    SELECT user_id, account, 0 AS wallet, delta_points AS entries FROM ledger_entry WHERE user_id IS NOT NULL
    UNION ALL SELECT user_id, 'PAID', paid_points, 0 FROM wallet
    UNION ALL SELECT user_id, 'BONUS', bonus_points, 0 FROM wallet
    UNION ALL SELECT user_id, 'HELD', held_points, 0 FROM wallet) AS sides
  GROUP BY user_id, account HAVING SUM(wallet) <> SUM(entries)) AS differences
  GROUP BY user_id`;

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
  },
};

/** What always holds over the rows of point. */
export const invariants: readonly Invariant[] = [
  ledger,
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
export interface ChargeFacts {
  readonly chargeId: string;
  readonly state: ChargeState;
  readonly amountPoints: bigint;
  readonly createTime: Date;
}

/** All charges, in pages. */
export function readCharges(database: Database): AsyncIterable<ChargeFacts[]> {
  return readPages(database, {
    select: "SELECT charge_id, state, amount_points, create_time FROM charge",
    keyset: [{ column: "charge_id", direction: "ASC" }],
  });
}

/** The order ids for which a difference from the PSP is recorded. */
export async function readDiscrepancyIds(database: Database): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ chargeId: string }>("SELECT charge_id FROM discrepancy");
  return new Set(rows.map(({ chargeId }) => chargeId));
}

const dayMs = 86_400_000;

/** What every PSP captured and did not refund in the last `days` Korean days, today included, by order id. */
export async function readCapturedPoints(
  config: Config<typeof pspConfig>,
  days: number,
): Promise<Map<string, bigint>> {
  const captured = new Map<string, bigint>();
  for (const psp of createPsps(config, { log: createLog("point", "silent") }).all) {
    for (let age = days - 1; age >= 0; age--) {
      const transactions = psp.listTransactions(koreanDayOf(Date.now() - age * dayMs));
      for await (const { chargeId, kind, amountPoints } of transactions) {
        const delta = kind === "capture" ? amountPoints : -amountPoints;
        captured.set(chargeId, (captured.get(chargeId) ?? 0n) + delta);
      }
    }
  }
  return captured;
}
