import { create } from "@bufbuild/protobuf";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { Database } from "#kit/data/database.ts";
import {
  type CheckOptions,
  describeRows,
  type Invariant,
  readPages,
  stateInvariant,
  taskInvariant,
} from "#kit/data/invariants.ts";
import { type HistoryDocument, toDocument } from "./db/history.ts";
import { listAllPaid, purchaseTask } from "./db/purchases.ts";
import { type PurchaseState, purchaseTransitions } from "./domain/purchase.ts";
import { toPurchasedEvent } from "./to-proto.ts";

export { type HistoryDocuments, openHistoryDocuments } from "./db/history-documents.ts";

const pending: Invariant = {
  name: "I2 purchases come to an end",
  check: (database, { graceSeconds }) =>
    describeRows<{ purchaseId: string }>(
      database,
      {
        sql: "SELECT purchase_id FROM purchase WHERE state = 'PENDING' AND create_time <= NOW(6) - INTERVAL ? SECOND",
        values: [graceSeconds],
      },
      ({ purchaseId }) => `purchase ${purchaseId} is still PENDING`,
    ),
};

/** What always holds over the rows of pay. */
export const invariants: readonly Invariant[] = [
  pending,
  stateInvariant({
    table: "purchase",
    id: "purchase_id",
    transitions: purchaseTransitions,
    setIn: { finish_time: ["PAID", "CANCELLED"], cancel_reason: ["CANCELLED"] },
  }),
  taskInvariant({ kind: purchaseTask, table: "purchase", id: "purchase_id", waiting: "state = 'PENDING'" }),
];

/** The points, questions and coupons of a purchase, as pay recorded them. */
export interface EndedPurchase {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly state: Exclude<PurchaseState, "PENDING">;
  readonly amountPoints: bigint;
  readonly lines: readonly { readonly questionId: bigint; readonly version: number }[];
  readonly userCouponIds: readonly bigint[];
}

/** Purchases that ended at least `graceSeconds` ago, in pages. */
export async function* readEndedPurchases(
  database: Database,
  { graceSeconds }: CheckOptions,
): AsyncIterable<EndedPurchase[]> {
  const pages = readPages<Omit<EndedPurchase, "lines" | "userCouponIds">>(database, {
    columns: "purchase_id, user_id, state, amount_points",
    table: "purchase",
    index: "PRIMARY",
    where: "state <> 'PENDING' AND COALESCE(finish_time, create_time) <= NOW(6) - INTERVAL ? SECOND",
    values: [graceSeconds],
    keyset: [{ column: "purchase_id", direction: "ASC" }],
  });
  for await (const page of pages) {
    yield page.length === 0 ? [] : await withContents(database, page);
  }
}

async function withContents(
  database: Database,
  purchases: readonly Omit<EndedPurchase, "lines" | "userCouponIds">[],
): Promise<EndedPurchase[]> {
  const ids = purchases.map(({ purchaseId }) => purchaseId);
  const lines = await database.query<{ purchaseId: string; questionId: bigint; version: number }>(
    "SELECT purchase_id, question_id, version FROM purchase_line WHERE purchase_id IN (?)",
    [ids],
  );
  const discounts = await database.query<{ purchaseId: string; userCouponId: bigint }>(
    "SELECT purchase_id, user_coupon_id FROM purchase_discount WHERE purchase_id IN (?)",
    [ids],
  );
  const linesOf = Map.groupBy(lines, ({ purchaseId }) => purchaseId);
  const discountsOf = Map.groupBy(discounts, ({ purchaseId }) => purchaseId);
  return purchases.map(purchase => ({
    ...purchase,
    lines: linesOf.get(purchase.purchaseId) ?? [],
    userCouponIds: (discountsOf.get(purchase.purchaseId) ?? []).map(({ userCouponId }) => userCouponId),
  }));
}

/** The purchases with the given ids, each with its state. */
export async function readPurchaseStates(
  database: Database,
  purchaseIds: readonly string[],
): Promise<ReadonlyMap<string, PurchaseState>> {
  const rows = await database.query<{ purchaseId: string; state: PurchaseState }>(
    "SELECT purchase_id, state FROM purchase WHERE purchase_id IN (?)",
    [purchaseIds],
  );
  return new Map(rows.map(({ purchaseId, state }) => [purchaseId, state]));
}

/** Copies sold by purchases that were paid at least `graceSeconds` ago: by question and by creator. */
export async function readSales(
  database: Database,
  { graceSeconds }: CheckOptions,
): Promise<{ byQuestion: ReadonlyMap<bigint, bigint>; byCreator: ReadonlyMap<bigint, bigint> }> {
  const count = async (column: "question_id" | "creator_id") => {
    const rows = await database.query<{ id: bigint; sales: bigint }>(
      `SELECT l.${column} AS id, COUNT(*) AS sales
        FROM purchase_line l JOIN purchase p ON p.purchase_id = l.purchase_id
        WHERE p.state = 'PAID' AND p.finish_time <= NOW(6) - INTERVAL ? SECOND GROUP BY l.${column}`,
      [graceSeconds],
    );
    return new Map(rows.map(({ id, sales }) => [id, sales]));
  };
  return { byQuestion: await count("question_id"), byCreator: await count("creator_id") };
}

/** A purchase that was paid, with what it sold. */
interface PaidPurchase {
  readonly purchaseId: string;
  readonly lines: readonly { readonly questionId: bigint; readonly creatorId: bigint }[];
}

/** Purchases that were paid at least `graceSeconds` ago, in pages. */
export async function* readPaidPurchases(
  database: Database,
  { graceSeconds }: CheckOptions,
): AsyncIterable<PaidPurchase[]> {
  const pages = readPages<{ purchaseId: string }>(database, {
    columns: "purchase_id",
    table: "purchase",
    index: "PRIMARY",
    where: "state = 'PAID' AND finish_time <= NOW(6) - INTERVAL ? SECOND",
    values: [graceSeconds],
    keyset: [{ column: "purchase_id", direction: "ASC" }],
  });
  for await (const page of pages) {
    yield await findPaidPurchases(
      database,
      page.map(({ purchaseId }) => purchaseId),
    );
  }
}

/** Those of the named purchases that were paid, in no particular order. */
export async function findPaidPurchases(
  database: Database,
  purchaseIds: readonly string[],
): Promise<PaidPurchase[]> {
  if (purchaseIds.length === 0) {
    return [];
  }
  const rows = await database.query<PaidPurchase["lines"][number] & { purchaseId: string }>(
    `SELECT l.purchase_id, l.question_id, l.creator_id
       FROM purchase p JOIN purchase_line l ON l.purchase_id = p.purchase_id
      WHERE p.purchase_id IN (?) AND p.state = 'PAID'`,
    [purchaseIds],
  );
  const linesOf = Map.groupBy(rows, ({ purchaseId }) => purchaseId);
  return [...linesOf].map(([purchaseId, lines]) => ({ purchaseId, lines }));
}

const rebuiltRows = 200;

/** The documents that the history must have, rebuilt from MariaDB, in pages. */
export async function* rebuildHistory(
  database: Database,
): AsyncIterable<{ document: HistoryDocument; payTime: Date }[]> {
  for (let afterId = "", more = true; more; ) {
    const purchases = await listAllPaid(database, afterId, rebuiltRows);
    yield purchases.map(purchase => {
      const payTime = purchase.finishTime ?? purchase.createTime;
      const event = create(QuestionsPurchasedSchema, toPurchasedEvent(purchase, payTime));
      return { document: toDocument(event), payTime };
    });
    afterId = purchases.at(-1)?.purchaseId ?? afterId;
    more = purchases.length === rebuiltRows;
  }
}
