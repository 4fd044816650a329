import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";
import type { Price } from "../pricing.ts";
import { insertDiscounts, insertLines } from "./quotes.ts";

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
