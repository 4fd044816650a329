import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { fromNow, insert } from "#kit/data/sql.ts";
import { scheduleTask, type Task } from "#kit/data/tasks.ts";
import type { Charge, ChargeState } from "../domain/charge-rules.ts";
import { packagePoints } from "../domain/packages.ts";

/** The kind of the tasks that schedule the next check of a charge. */
export const chargeTask = "charge";

const columns = "charge.*, NOW(6) AS read_time";

/** A charge to order. */
export interface NewCharge extends Pick<Charge, "chargeId" | "userId" | "provider" | "package"> {
  readonly requestId: string;
  /** Milliseconds for which it waits for the buyer. */
  readonly lifetimeMs: number;
}

/** Adds an order, and the task that is due when it expires. */
export async function insertCharge(tx: Tx, { lifetimeMs, ...charge }: NewCharge): Promise<void> {
  const amountPoints = packagePoints[charge.package];
  await insert(tx, "charge", { ...charge, amountPoints, expireTime: fromNow(lifetimeMs) });
  await scheduleTask(tx, chargeTask, charge.chargeId, lifetimeMs);
}

export async function findCharge(from: Queryable, chargeId: string): Promise<Charge | undefined> {
  const [charge] = await from.query<Charge>(`SELECT ${columns} FROM charge WHERE charge_id = ?`, [chargeId]);
  return charge;
}

/** Reads the charge of a claimed task; undefined where the claim was taken over meanwhile. */
export async function findClaimedCharge(from: Queryable, { id, owner }: Task): Promise<Charge | undefined> {
  const [charge] = await from.query<Charge>(
    `SELECT ${columns} FROM charge JOIN task ON task.kind = '${chargeTask}' AND task.id = charge.charge_id
      WHERE charge.charge_id = ? AND task.owner = ?`,
    [id, owner],
  );
  return charge;
}

/** Reads the charge that a user ordered with a request id. */
export async function findRequestedCharge(
  from: Queryable,
  userId: bigint,
  requestId: string,
): Promise<Charge | undefined> {
  const [charge] = await from.query<Charge>(
    `SELECT ${columns} FROM charge WHERE user_id = ? AND request_id = ?`,
    [userId, requestId],
  );
  return charge;
}

/** Counts the charges of a user that may still be paid. */
export async function countOpen(from: Queryable, userId: bigint): Promise<number> {
  const [row] = await from.query<{ open: bigint }>(
    `SELECT COUNT(*) AS open FROM charge WHERE user_id = ? AND state IN ('ORDERED', 'CONFIRMING')
      AND (state = 'CONFIRMING' OR expire_time > NOW(6))`,
    [userId],
  );
  return Number(row?.open ?? 0);
}

/** Points that a user gets if every confirmation in flight succeeds. */
export async function sumConfirming(from: Queryable, userId: bigint): Promise<bigint> {
  const [row] = await from.query<{ points: bigint }>(
    `SELECT CAST(COALESCE(SUM(amount_points), 0) AS SIGNED) AS points FROM charge
      WHERE user_id = ? AND state = 'CONFIRMING'`,
    [userId],
  );
  return row?.points ?? 0n;
}

/** Reads a page of the charges of a user, newest first, in one state or in any. */
export function listCharges(
  from: Queryable,
  { userId, state }: { userId: bigint; state: ChargeState | undefined },
  page: PageCursor,
): Promise<Page<Charge>> {
  return queryPage(from, {
    columns,
    table: "charge",
    index: state === undefined ? "ix_charge_user" : "ix_charge_user_state",
    where: `user_id = ?${state === undefined ? "" : " AND state = ?"}`,
    values: state === undefined ? [userId] : [userId, state],
    keyset: [
      { column: "create_time", direction: "DESC" },
      { column: "charge_id", direction: "DESC" },
    ],
    page,
  });
}

/** A charge without a final outcome, with what its task says. */
export interface OpenCharge extends Charge {
  readonly attempts: number | null;
  readonly lastError: string | null;
  readonly dueTime: Date | null;
}

/**
 * Reads a page of the charges without an outcome, oldest first: being confirmed, or past their expiry and not closed
 * yet.
 */
export function listOpenCharges(from: Queryable, page: PageCursor): Promise<Page<OpenCharge>> {
  return queryPage(from, {
    columns: `${columns}, task.attempts, task.last_error, task.due_time`,
    table: "charge",
    index: "ix_charge_open",
    joins: `LEFT JOIN task ON task.kind = '${chargeTask}' AND task.id = charge.charge_id`,
    // An order that waits for its buyer is among the latest, so that the walk passes few that it does not show.
    where: "charge.is_open = 1 AND (charge.state = 'CONFIRMING' OR charge.expire_time <= NOW(6))",
    keyset: [
      { column: "charge.create_time", direction: "ASC" },
      { column: "charge.charge_id", direction: "ASC" },
    ],
    page,
  });
}
