import type { Queryable } from "#kit/database.ts";
import type { ChargeState } from "../charge-rules.ts";

/** What there is to know before a day is chosen; undefined where no charge was ever ordered. */
export async function findDayFacts(
  from: Queryable,
): Promise<{ nowMs: number; firstMs: number; done: Set<string> } | undefined> {
  const [row] = await from.query<{ now: Date; first: Date | null }>(
    "SELECT NOW(6) AS now, (SELECT MIN(create_time) FROM charge) AS first",
  );
  if (row === undefined || row.first === null) {
    return undefined;
  }
  const days = await from.query<{ day: string }>(
    "SELECT CAST(day AS CHAR) AS day FROM compared_day WHERE day > NOW() - INTERVAL 400 DAY",
  );
  return {
    nowMs: row.now.getTime(),
    firstMs: row.first.getTime(),
    done: new Set(days.map(({ day }) => day)),
  };
}

/** Remembers that a day was compared. */
export async function markCompared(to: Queryable, day: string, transactions: number): Promise<void> {
  await to.execute(
    "INSERT INTO compared_day (day, transactions) VALUES (?, ?) ON DUPLICATE KEY UPDATE transactions = VALUES(transactions)",
    [day, transactions],
  );
}

/** What our books say of a charge. */
export interface BookedCharge {
  readonly chargeId: string;
  readonly state: ChargeState;
  readonly amountPoints: bigint;
  readonly paymentKey: string | undefined;
}

interface Row {
  charge_id: string;
  state: ChargeState;
  amount_points: bigint;
  payment_key: string | null;
}

/** Reads the named charges, as far as there are such. */
export async function findBooked(from: Queryable, chargeIds: readonly string[]): Promise<BookedCharge[]> {
  const rows = await from.query<Row>(
    "SELECT charge_id, state, amount_points, payment_key FROM charge WHERE charge_id IN (?)",
    [chargeIds],
  );
  return rows.map(toBooked);
}

/** Reads charges whose payment was approved within a time, by rising id, after the given one. */
export async function listBooked(
  from: Queryable,
  { start, end }: { start: Date; end: Date },
  afterId: string,
  limit: number,
): Promise<BookedCharge[]> {
  const rows = await from.query<Row>(
    `SELECT charge_id, state, amount_points, payment_key FROM charge
      WHERE approve_time >= ? AND approve_time < ? AND charge_id > ? ORDER BY charge_id LIMIT ?`,
    [start, end, afterId, limit],
  );
  return rows.map(toBooked);
}

function toBooked(row: Row): BookedCharge {
  return {
    chargeId: row.charge_id,
    state: row.state,
    amountPoints: row.amount_points,
    paymentKey: row.payment_key ?? undefined,
  };
}
