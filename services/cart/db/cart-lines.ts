import type { Queryable, Tx } from "#kit/data/database.ts";
import { insertAll } from "#kit/data/sql.ts";
import type { Writes } from "#kit/data/transaction-statements.ts";

/** A question in a cart. */
export interface CartLineRow {
  readonly questionId: bigint;
  readonly createTime: Date;
}

/** Makes sure that a user has a cart, and locks it until the transaction ends. */
export async function lockCart(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("INSERT INTO cart (user_id) VALUES (?) ON DUPLICATE KEY UPDATE user_id = user_id", [
    userId,
  ]);
}

/** Removes a cart with its lines. */
export async function deleteCart(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("DELETE FROM cart WHERE user_id = ?", [userId]);
}

/** Reads all lines of a cart, newest first. */
export function listLines(from: Queryable, userId: bigint): Promise<CartLineRow[]> {
  return from.query(
    "SELECT question_id, create_time FROM cart_line WHERE user_id = ? ORDER BY cart_line_id DESC",
    [userId],
  );
}

/** Adds lines to a cart that is locked and has none of them. */
export function insertLines(tx: Tx, userId: bigint, questionIds: readonly bigint[]): Promise<void> {
  return insertAll(
    tx,
    "cart_line",
    questionIds.map(questionId => ({ userId, questionId })),
  );
}

/** Removes the named questions from carts; those that are not in them are ignored. */
export async function deleteLines(
  on: Writes,
  carts: readonly { readonly userId: bigint; readonly questionIds: readonly bigint[] }[],
): Promise<void> {
  const of = carts.map(() => "(user_id = ? AND question_id IN (?))").join(" OR ");
  const values = carts.flatMap(({ userId, questionIds }) => [userId, questionIds]);
  await on.execute(`DELETE FROM cart_line WHERE ${of}`, values);
}
