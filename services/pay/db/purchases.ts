import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert, insertAll, raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import type { CouponDiscount } from "../domain/coupon-discounts.ts";
import type { Price, PricedLine } from "../domain/pricing.ts";
import { type Purchase, purchaseTransitions } from "../domain/purchase.ts";

/** The kind of the task that a pending purchase has; the task's id is the purchase id. */
export const purchaseTask = "purchase";

/** What a new purchase consists of. */
export interface NewPurchase {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly requestId: string;
  readonly requestHash: Uint8Array;
  readonly price: Price;
}

/** Inserts a purchase, PENDING, with its lines and discounts. Returns false where the request id is taken. */
export async function insertPurchase(
  tx: Tx,
  { price: { lines, discounts, originalPoints, amountPoints }, ...purchase }: NewPurchase,
): Promise<boolean> {
  const { purchaseId } = purchase;
  try {
    await insert(tx, "purchase", {
      ...purchase,
      state: "PENDING",
      originalPoints,
      amountPoints,
      consentTime: raw("NOW(6)"),
    });
  } catch (error) {
    if (violatedKey(error) === "uq_purchase_request") {
      return false;
    }
    throw error;
  }
  await insertAll(
    tx,
    "purchase_line",
    lines.map((line, lineNumber) => ({ purchaseId, lineNumber, ...line })),
  );
  await insertAll(
    tx,
    "purchase_discount",
    discounts.map((discount, discountNumber) => ({ purchaseId, discountNumber, ...discount })),
  );
  return true;
}

/** Marks a pending purchase as paid. Returns the time, or undefined where it is not pending any more. */
export async function markPaid(tx: Tx, purchaseId: string): Promise<Date | undefined> {
  if (!(await move(tx, purchaseId, "PAID", {}))) {
    return undefined;
  }
  const [row] = await tx.query<{ finishTime: Date }>(
    "SELECT finish_time FROM purchase WHERE purchase_id = ?",
    [purchaseId],
  );
  return row?.finishTime;
}

/** Marks a pending purchase as canceled. Returns false where it is not pending any more. */
export function markCancelled(
  tx: Tx,
  purchaseId: string,
  reason: string,
  metadata: Readonly<Record<string, string>>,
): Promise<boolean> {
  const set = { cancelReason: reason, cancelMetadata: JSON.stringify(metadata) };
  return move(tx, purchaseId, "CANCELLED", set);
}

async function move(
  tx: Tx,
  purchaseId: string,
  to: "PAID" | "CANCELLED",
  set: Readonly<Record<string, string>>,
): Promise<boolean> {
  const moved = await moveState(tx, {
    table: "purchase",
    transitions: purchaseTransitions,
    to,
    where: { sql: "purchase_id = ?", values: [purchaseId] },
    set: { ...set, finishTime: raw("NOW(6)") },
  });
  return moved === 1;
}

type Row = Omit<Purchase, "lines" | "discounts" | "ageMs"> & { readonly ageMs: bigint };

const select = `SELECT purchase.*, TIMESTAMPDIFF(MICROSECOND, create_time, NOW(6)) DIV 1000 AS age_ms FROM purchase`;

/** Reads a purchase by its id, regardless of its owner. */
export async function findPurchase(from: Queryable, purchaseId: string): Promise<Purchase | undefined> {
  const rows = await from.query<Row>(`${select} WHERE purchase_id = ?`, [purchaseId]);
  return (await withSnapshots(from, rows))[0];
}

/** Reads a user's purchase by its request id. */
export async function findPurchaseByRequest(
  from: Queryable,
  userId: bigint,
  requestId: string,
): Promise<Purchase | undefined> {
  const rows = await from.query<Row>(`${select} WHERE user_id = ? AND request_id = ?`, [userId, requestId]);
  return (await withSnapshots(from, rows))[0];
}

/** Reads the ids on a page of a user's paid purchases, newest first; from an index alone. */
export async function listPaidIds(from: Queryable, userId: bigint, page: PageCursor): Promise<Page<string>> {
  const { rows, nextAfter } = await queryPage<{ purchaseId: string }>(from, {
    columns: "purchase_id",
    table: "purchase",
    index: "ix_purchase_history",
    where: "user_id = ? AND state = 'PAID'",
    values: [userId],
    keyset: [{ column: "purchase_id", direction: "DESC" }],
    page,
  });
  return { rows: rows.map(({ purchaseId }) => purchaseId), nextAfter };
}

/** Reads purchases by their ids, newest first, regardless of their owners. */
export async function findPurchases(from: Queryable, purchaseIds: readonly string[]): Promise<Purchase[]> {
  if (purchaseIds.length === 0) {
    return [];
  }
  const rows = await from.query<Row>(`${select} WHERE purchase_id IN (?) ORDER BY purchase_id DESC`, [
    purchaseIds,
  ]);
  return withSnapshots(from, rows);
}

/** Reads paid purchases of all users by ascending id, after `afterId`. */
export async function listAllPaid(from: Queryable, afterId: string, limit: number): Promise<Purchase[]> {
  const rows = await from.query<Row>(
    `${select} WHERE state = 'PAID' AND purchase_id > ? ORDER BY purchase_id LIMIT ?`,
    [afterId, limit],
  );
  return withSnapshots(from, rows);
}

async function withSnapshots(from: Queryable, rows: readonly Row[]): Promise<Purchase[]> {
  if (rows.length === 0) {
    return [];
  }
  const ids = rows.map(({ purchaseId }) => purchaseId);
  const lines = await from.query<PricedLine & { purchaseId: string }>(
    "SELECT * FROM purchase_line WHERE purchase_id IN (?) ORDER BY purchase_id, line_number",
    [ids],
  );
  const discounts = await from.query<CouponDiscount & { purchaseId: string }>(
    "SELECT * FROM purchase_discount WHERE purchase_id IN (?) ORDER BY purchase_id, discount_number",
    [ids],
  );
  const linesOf = Map.groupBy(lines, ({ purchaseId }) => purchaseId);
  const discountsOf = Map.groupBy(discounts, ({ purchaseId }) => purchaseId);
  return rows.map(row => ({
    ...row,
    ageMs: Number(row.ageMs),
    lines: linesOf.get(row.purchaseId) ?? [],
    discounts: discountsOf.get(row.purchaseId) ?? [],
  }));
}
