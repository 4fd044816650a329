import { create } from "@bufbuild/protobuf";
import { type Quote, QuoteSchema } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import type { Queryable } from "#kit/database.ts";
import { readDiscounts, readLines } from "./quotes.ts";

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

/** Reads paid purchases of all users by rising id, after `afterId`. */
export async function listAllPaid(
  from: Queryable,
  afterId: string,
  limit: number,
): Promise<StoredPurchase[]> {
  const rows = await from.query<Row>(
    `${select} WHERE state = 'PAID' AND purchase_id > ? ORDER BY purchase_id LIMIT ?`,
    [afterId, limit],
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
