import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Charge,
  ChargeSchema,
  ChargeState as ContractState,
  type OpenCharge,
  OpenChargeSchema,
} from "#gen/questioncloud/point/v1/point_pb.ts";
import type { Queryable, SqlValue, Tx } from "#kit/database.ts";
import type { ChargeState } from "../charge-rules.ts";
import { type PackageLetter, packages } from "../packages.ts";

/** A charge as its owner sees it, with what decides whether it may be confirmed. */
export interface StoredCharge {
  readonly charge: Charge;
  readonly state: ChargeState;
  readonly package: PackageLetter;
  readonly paymentKey: string | undefined;
  /** The time of the order as the database writes it, exact to the microsecond, for pages. */
  readonly createKey: string;
}

interface Row {
  charge_id: string;
  user_id: bigint;
  package: PackageLetter;
  amount_points: bigint;
  state: ChargeState;
  payment_key: string | null;
  failure_message: string;
  receipt_url: string;
  create_time: Date;
  create_key: string;
  expire_time: Date;
  charge_time: Date | null;
  attempts: number;
  last_error: string;
  next_attempt_time: Date;
}

const select = `SELECT charge_id, user_id, package, amount_points, state, payment_key, failure_message, receipt_url, create_time,
    CAST(create_time AS CHAR) AS create_key, expire_time, charge_time, attempts, last_error, next_attempt_time FROM charge`;

export interface NewCharge {
  readonly chargeId: string;
  readonly userId: bigint;
  readonly requestId: string;
  readonly package: PackageLetter;
  /** Milliseconds for which it waits for the buyer. */
  readonly lifetimeMs: number;
}

/** Adds an order. It is looked at when it ends. */
export async function insertCharge(tx: Tx, charge: NewCharge): Promise<void> {
  const lifetime = charge.lifetimeMs * 1000;
  await tx.execute(
    `INSERT INTO charge (charge_id, user_id, request_id, package, amount_points, expire_time, next_attempt_time)
      VALUES (?, ?, ?, ?, ?, NOW(6) + INTERVAL ? MICROSECOND, NOW(6) + INTERVAL ? MICROSECOND)`,
    [
      ...[charge.chargeId, charge.userId, charge.requestId, charge.package],
      ...[packages[charge.package].amountPoints, lifetime, lifetime],
    ],
  );
}

/** Counts the orders of a user that still wait for payment. */
export async function countOrdered(from: Queryable, userId: bigint): Promise<number> {
  const [row] = await from.query<{ ordered: bigint }>(
    "SELECT COUNT(*) AS ordered FROM charge WHERE user_id = ? AND state = 'ORDERED' AND expire_time > NOW(6)",
    [userId],
  );
  return Number(row?.ordered ?? 0);
}

/** Points that a user gets if every confirmation under way succeeds. */
export async function sumConfirming(from: Queryable, userId: bigint): Promise<bigint> {
  const [row] = await from.query<{ points: string | bigint }>(
    "SELECT COALESCE(SUM(amount_points), 0) AS points FROM charge WHERE user_id = ? AND state = 'CONFIRMING'",
    [userId],
  );
  return BigInt(row?.points ?? 0);
}

/** Reads a charge of a user. */
export async function findOwnCharge(
  from: Queryable,
  userId: bigint,
  chargeId: string,
): Promise<StoredCharge | undefined> {
  return findOne(from, "charge_id = ? AND user_id = ?", [chargeId, userId]);
}

/** Reads the charge that a user ordered with a request id. */
export async function findRequestedCharge(
  from: Queryable,
  userId: bigint,
  requestId: string,
): Promise<StoredCharge | undefined> {
  return findOne(from, "request_id = ? AND user_id = ?", [requestId, userId]);
}

async function findOne(
  from: Queryable,
  where: string,
  values: SqlValue[],
): Promise<StoredCharge | undefined> {
  const [row] = await from.query<Row>(`${select} WHERE ${where}`, values);
  return row && toStored(row);
}

/** Where a page goes on. */
export interface ChargePosition {
  readonly createKey: string;
  readonly chargeId: string;
}

/** Reads charges of a user, newest first, after the given one. */
export async function listOwnCharges(
  from: Queryable,
  userId: bigint,
  page: { state: ChargeState | undefined; after: ChargePosition | undefined; limit: number },
): Promise<StoredCharge[]> {
  const { createKey, chargeId } = page.after ?? { createKey: "9999-12-31", chargeId: "" };
  const rows = await from.query<Row>(
    `${select} WHERE user_id = ? AND (? OR state = ?) AND create_time <= ? AND (create_time < ? OR charge_id < ?)
      ORDER BY create_time DESC, charge_id DESC LIMIT ?`,
    [userId, page.state === undefined, page.state ?? null, createKey, createKey, chargeId, page.limit],
  );
  return rows.map(toStored);
}

/** Reads charges whose outcome is open, oldest first, after the given one: asked about, or past their end and not yet closed. */
export async function listOpenCharges(
  from: Queryable,
  after: ChargePosition | undefined,
  limit: number,
): Promise<{ open: OpenCharge; createKey: string; chargeId: string }[]> {
  const { createKey, chargeId } = after ?? { createKey: "1970-01-01", chargeId: "" };
  const rows = await from.query<Row>(
    `${select} WHERE state IN ('ORDERED', 'CONFIRMING') AND (state = 'CONFIRMING' OR expire_time <= NOW(6))
        AND create_time >= ? AND (create_time > ? OR charge_id > ?) ORDER BY create_time, charge_id LIMIT ?`,
    [createKey, createKey, chargeId, limit],
  );
  return rows.map(row => ({
    open: create(OpenChargeSchema, {
      charge: toCharge(row),
      userId: row.user_id,
      attempts: Number(row.attempts),
      lastError: row.last_error,
      nextAttemptTime: timestampFromDate(row.next_attempt_time),
    }),
    createKey: row.create_key,
    chargeId: row.charge_id,
  }));
}

/** How many charges wait for the buyer, and how many for the gateway. */
export async function countOpenCharges(from: Queryable): Promise<{ ordered: number; confirming: number }> {
  const rows = await from.query<{ state: ChargeState; charges: bigint }>(
    "SELECT state, COUNT(*) AS charges FROM charge WHERE state IN ('ORDERED', 'CONFIRMING') GROUP BY state",
  );
  const countOf = (state: ChargeState) => Number(rows.find(row => row.state === state)?.charges ?? 0);
  return { ordered: countOf("ORDERED"), confirming: countOf("CONFIRMING") };
}

function toStored(row: Row): StoredCharge {
  return {
    charge: toCharge(row),
    state: row.state,
    package: row.package,
    paymentKey: row.payment_key ?? undefined,
    createKey: row.create_key,
  };
}

function toCharge(row: Row): Charge {
  return create(ChargeSchema, {
    chargeId: row.charge_id,
    package: packages[row.package].contract,
    amountPoints: row.amount_points,
    state: ContractState[row.state],
    failureMessage: row.failure_message,
    receiptUrl: row.receipt_url,
    createTime: timestampFromDate(row.create_time),
    expireTime: timestampFromDate(row.expire_time),
    ...(row.charge_time === null ? {} : { chargeTime: timestampFromDate(row.charge_time) }),
  });
}
