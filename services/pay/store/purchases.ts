import { create } from "@bufbuild/protobuf";
import { type Quote, QuoteSchema } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";
import type { Price } from "../pricing.ts";
import { insertDiscounts, insertLines, readDiscounts, readLines } from "./quotes.ts";

/** A purchase as MariaDB has it. */
export interface StoredPurchase {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly requestId: string;
  readonly requestHash: Uint8Array;
  readonly state: "PENDING" | "PAID" | "CANCELLED";
  readonly quote: Quote;
  readonly cancel:
    | { readonly reason: string; readonly metadata: Readonly<Record<string, string>> }
    | undefined;
  readonly createTime: Date;
  readonly finishTime: Date | undefined;
  readonly attempts: number;
  /** Milliseconds since it was begun, by the clock of the database. */
  readonly ageMs: number;
}

interface Row {
  purchase_id: string;
  user_id: bigint;
  request_id: string;
  request_hash: Uint8Array;
  state: StoredPurchase["state"];
  original_points: bigint;
  amount_points: bigint;
  cancel_reason: string | null;
  cancel_metadata: Record<string, string> | string | null;
  create_time: Date;
  finish_time: Date | null;
  attempts: number;
  age_ms: bigint;
}

const select = `SELECT purchase_id, user_id, request_id, request_hash, state, original_points, amount_points, cancel_reason,
  cancel_metadata, create_time, finish_time, attempts, TIMESTAMPDIFF(MICROSECOND, create_time, NOW(6)) DIV 1000 AS age_ms FROM purchase`;

/** What a new purchase consists of. */
export interface NewPurchase {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly requestId: string;
  readonly requestHash: Uint8Array;
  readonly price: Price;
  /** Milliseconds for which the caller's own call looks after it. */
  readonly ownedMs: number;
}

/** Opens a purchase, PENDING, with its lines and discounts. Returns false where the request id is taken. */
export async function openPurchase(tx: Tx, purchase: NewPurchase): Promise<boolean> {
  const { purchaseId, userId, requestId, requestHash, price, ownedMs } = purchase;
  try {
    await tx.execute(
      `INSERT INTO purchase (purchase_id, user_id, request_id, request_hash, state, original_points, amount_points, consent_time,
         next_attempt_time)
       VALUES (?, ?, ?, ?, 'PENDING', ?, ?, NOW(6), NOW(6) + INTERVAL ? MICROSECOND)`,
      [
        purchaseId,
        userId,
        requestId,
        Buffer.from(requestHash),
        price.originalPoints,
        price.amountPoints,
        ownedMs * 1000,
      ],
    );
  } catch (error) {
    if (violatedKey(error) === "uq_purchase_request") {
      return false;
    }
    throw error;
  }
  await insertLines(tx, purchaseId, price.lines);
  await insertDiscounts(tx, purchaseId, price.discounts);
  return true;
}

/** PENDING becomes PAID. Returns when, or undefined where it was not PENDING any more. */
export async function markPaid(tx: Tx, purchaseId: string): Promise<Date | undefined> {
  const { affectedRows } = await tx.execute(
    "UPDATE purchase SET state = 'PAID', finish_time = NOW(6), claimed_until = NULL WHERE purchase_id = ? AND state = 'PENDING'",
    [purchaseId],
  );
  if (affectedRows === 0) {
    return undefined;
  }
  const [row] = await tx.query<{ finish_time: Date }>(
    "SELECT finish_time FROM purchase WHERE purchase_id = ?",
    [purchaseId],
  );
  return row?.finish_time;
}

/** PENDING becomes CANCELLED. Returns false where it was not PENDING any more. */
export async function markCancelled(
  tx: Tx,
  purchaseId: string,
  reason: string,
  metadata: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    `UPDATE purchase SET state = 'CANCELLED', finish_time = NOW(6), claimed_until = NULL, cancel_reason = ?, cancel_metadata = ?
      WHERE purchase_id = ? AND state = 'PENDING'`,
    [reason, JSON.stringify(metadata), purchaseId],
  );
  return affectedRows === 1;
}

/** Puts the next attempt off and gives the claim back. */
export async function postponePurchase(to: Queryable, purchaseId: string, delayMs: number): Promise<void> {
  await to.execute(
    `UPDATE purchase SET next_attempt_time = NOW(6) + INTERVAL ? MICROSECOND, claimed_until = NULL
      WHERE purchase_id = ? AND state = 'PENDING'`,
    [delayMs * 1000, purchaseId],
  );
}

/** Reads a purchase by its id, whoever's it is. */
export async function findPurchase(from: Queryable, purchaseId: string): Promise<StoredPurchase | undefined> {
  const rows = await from.query<Row>(`${select} WHERE purchase_id = ?`, [purchaseId]);
  return (await toPurchases(from, rows))[0];
}

/** Reads a user's purchase by the request id it was made with. */
export async function findPurchaseByRequest(
  from: Queryable,
  userId: bigint,
  requestId: string,
): Promise<StoredPurchase | undefined> {
  const rows = await from.query<Row>(`${select} WHERE user_id = ? AND request_id = ?`, [userId, requestId]);
  return (await toPurchases(from, rows))[0];
}

/** Reads a user's paid purchases by falling id, below `beforeId` where it is given. */
export async function listPaidPurchases(
  from: Queryable,
  userId: bigint,
  beforeId: string | undefined,
  limit: number,
): Promise<StoredPurchase[]> {
  const rows = await from.query<Row>(
    `${select} WHERE user_id = ? AND state = 'PAID' AND purchase_id < ? ORDER BY purchase_id DESC LIMIT ?`,
    [userId, beforeId ?? "~", limit],
  );
  return toPurchases(from, rows);
}

async function toPurchases(from: Queryable, rows: readonly Row[]): Promise<StoredPurchase[]> {
  const ids = rows.map(row => row.purchase_id);
  if (ids.length === 0) {
    return [];
  }
  const lines = await readLines(from, ids);
  const discounts = await readDiscounts(from, ids);
  return rows.map(row => ({
    purchaseId: row.purchase_id,
    userId: row.user_id,
    requestId: row.request_id,
    requestHash: row.request_hash,
    state: row.state,
    quote: create(QuoteSchema, {
      lines: lines.get(row.purchase_id) ?? [],
      discounts: discounts.get(row.purchase_id) ?? [],
      originalPoints: row.original_points,
      amountPoints: row.amount_points,
    }),
    cancel: toCancel(row),
    createTime: row.create_time,
    finishTime: row.finish_time ?? undefined,
    attempts: row.attempts,
    ageMs: Number(row.age_ms),
  }));
}

function toCancel({ cancel_reason: reason, cancel_metadata: metadata }: Row): StoredPurchase["cancel"] {
  if (reason === null) {
    return undefined;
  }
  return {
    reason,
    metadata:
      typeof metadata === "string" ? (JSON.parse(metadata) as Record<string, string>) : (metadata ?? {}),
  };
}
