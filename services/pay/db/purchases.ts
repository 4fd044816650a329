import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insertAll, insertReturning, raw } from "#kit/data/sql.ts";
import { moveStateLast } from "#kit/data/state-machine.ts";
import { dropTask } from "#kit/data/tasks.ts";
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

/**
 * Inserts a purchase, PENDING, with its lines and discounts. Returns it as it is stored, undefined where the request id
 * is taken.
 */
export async function insertPurchase(
  tx: Tx,
  { price, ...purchase }: NewPurchase,
): Promise<Purchase | undefined> {
  const { lines, discounts, originalPoints, amountPoints } = price;
  const { purchaseId } = purchase;
  const row = { ...purchase, state: "PENDING", originalPoints, amountPoints } as const;
  let createTime: Date;
  try {
    const values = { ...row, consentTime: raw("NOW(6)") };
    ({ createTime } = await insertReturning<{ createTime: Date }>(tx, "purchase", values, ["createTime"]));
  } catch (error) {
    if (violatedKey(error) === "uq_purchase_request") {
      return undefined;
    }
    throw error;
  }
  await insertAll(
    tx.deferred,
    "purchase_line",
    lines.map((line, lineNumber) => ({ purchaseId, lineNumber, ...line })),
  );
  await insertAll(
    tx.deferred,
    "purchase_discount",
    discounts.map((discount, discountNumber) => ({ purchaseId, discountNumber, ...discount })),
  );
  const open = { cancelReason: null, cancelMetadata: null, finishTime: null, ageMs: 0 };
  return { ...row, lines, discounts, createTime, ...open };
}

/** How a purchase ends. */
type Outcome = Pick<Purchase, "state" | "cancelReason" | "cancelMetadata">;

/**
 * Ends a pending purchase together with its task, and with what `publish` adds to the transaction, which it commits.
 * Returns the purchase as it is stored then, undefined where it is not pending any more.
 */
export async function endPurchase(
  tx: Tx,
  purchase: Purchase,
  { state, cancelReason, cancelMetadata }: Outcome,
  publish: (ended: EndedPurchase) => Promise<unknown>,
): Promise<EndedPurchase | undefined> {
  const { purchaseId } = purchase;
  const finishTime = await dropTask(tx, purchaseTask, purchaseId);
  if (finishTime === undefined) {
    return undefined;
  }
  const ended = { ...purchase, state, cancelReason, cancelMetadata, finishTime };
  await publish(ended);
  const move = {
    table: "purchase",
    transitions: purchaseTransitions,
    to: state,
    where: { sql: "purchase_id = ?", values: [purchaseId] },
    set: { cancelReason, cancelMetadata: cancelMetadata && JSON.stringify(cancelMetadata), finishTime },
  };
  if (!(await moveStateLast(tx, move, 1))) {
    throw new Error("a purchase with a task is not pending");
  }
  return ended;
}

/** A purchase with the time at which it ended. */
type EndedPurchase = Purchase & { readonly finishTime: Date };

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
