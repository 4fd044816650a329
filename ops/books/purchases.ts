import type { Database } from "#kit/database.ts";
import { type Check, pages, type Stores } from "./stores.ts";

interface Purchase {
  id: string;
  user_id: bigint;
  state: "PENDING" | "PAID" | "CANCELLED";
  amount_points: bigint;
  finish_time: Date | null;
  cancel_reason: string | null;
  age_seconds: bigint;
  lines: string;
  coupons: string | null;
}

interface Held {
  id: string;
  state: string;
}

/** Every paid purchase took its amount, gave its questions and used its coupons, once; every other one left nothing behind. */
export const purchaseCheck: Check = {
  name: "I2  purchases and what they moved",
  async *run(stores, { graceSeconds }) {
    const select = `SELECT p.purchase_id AS id, p.user_id, p.state, p.amount_points, p.finish_time, p.cancel_reason,
        TIMESTAMPDIFF(SECOND, COALESCE(p.finish_time, p.create_time), NOW(6)) AS age_seconds,
        (SELECT GROUP_CONCAT(CONCAT(question_id, 'v', version) ORDER BY question_id) FROM purchase_line l
          WHERE l.purchase_id = p.purchase_id) AS \`lines\`,
        (SELECT GROUP_CONCAT(user_coupon_id ORDER BY user_coupon_id) FROM purchase_discount d
          WHERE d.purchase_id = p.purchase_id) AS coupons
      FROM purchase p WHERE p.purchase_id > ? ORDER BY p.purchase_id`;
    for await (const page of pages<Purchase>(stores.databases.pay, select, "")) {
      yield* comparePage(
        stores,
        page.filter(purchase => Number(purchase.age_seconds) >= graceSeconds),
      );
    }
    yield* strangers(stores);
  },
};

async function* comparePage({ databases }: Stores, purchases: readonly Purchase[]): AsyncIterable<string> {
  const ids = purchases.map(purchase => purchase.id);
  if (ids.length === 0) {
    return;
  }
  const { question, coupon, point } = databases;
  const owned = await grouped(
    question,
    "SELECT purchase_id AS id, GROUP_CONCAT(CONCAT(question_id, 'v', version, ' ', user_id, ' ', state) ORDER BY question_id) AS state FROM entitlement WHERE purchase_id IN (?) GROUP BY purchase_id",
    ids,
  );
  const used = await grouped(
    coupon,
    "SELECT purchase_id AS id, GROUP_CONCAT(CONCAT(user_coupon_id, ' ', user_id, ' ', state) ORDER BY user_coupon_id) AS state FROM user_coupon WHERE purchase_id IN (?) GROUP BY purchase_id",
    ids,
  );
  const spent = await grouped(
    point,
    "SELECT reference AS id, CONCAT(user_id, ' ', SUM(delta_points)) AS state FROM ledger_entry WHERE reference IN (?) AND account IN ('PAID', 'BONUS', 'HELD') GROUP BY reference, user_id HAVING SUM(delta_points) <> 0",
    ids,
  );
  const reservations = await Promise.all(
    [question, coupon, point].map(database => reservationsOf(database, ids)),
  );
  for (const purchase of purchases) {
    const found = {
      entitlements: owned.get(purchase.id) ?? "",
      coupons: used.get(purchase.id) ?? "",
      points: spent.get(purchase.id) ?? "",
      reservations: reservations.map(each => each.get(purchase.id) ?? "").join("/"),
    };
    yield* compare(purchase, found);
  }
}

async function grouped(
  database: Database,
  sql: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await database.query<Held>(sql, [ids]);
  return new Map(rows.map(({ id, state }) => [id, state]));
}

function reservationsOf(database: Database, ids: readonly string[]): Promise<Map<string, string>> {
  return grouped(
    database,
    "SELECT reservation_id AS id, state FROM reservation WHERE reservation_id IN (?)",
    ids,
  );
}

function* compare(
  purchase: Purchase,
  found: { entitlements: string; coupons: string; points: string; reservations: string },
): Iterable<string> {
  const { id, state, user_id: userId } = purchase;
  const paid = state === "PAID";
  if (state === "PENDING") {
    yield `${id} is still PENDING`;
    return;
  }
  if (purchase.finish_time === null || (purchase.cancel_reason === null) !== paid) {
    yield `${id} is ${state} without its time or reason`;
  }
  const mark = (list: string, end: string) =>
    list === ""
      ? ""
      : list
          .split(",")
          .map(part => `${part} ${userId} ${end}`)
          .join(",");
  const expected = {
    entitlements: paid ? mark(purchase.lines, "OWNED") : "",
    coupons: paid ? mark(purchase.coupons ?? "", "USED") : "",
    points: paid && purchase.amount_points > 0n ? `${userId} -${purchase.amount_points}` : "",
    reservations: paid
      ? `CONFIRMED/${purchase.coupons === null ? "" : "CONFIRMED"}/${purchase.amount_points === 0n ? "" : "CONFIRMED"}`
      : "RELEASED/RELEASED/RELEASED",
  };
  for (const part of ["entitlements", "coupons", "points", "reservations"] as const) {
    if (found[part] !== expected[part]) {
      yield `${state} ${id}: ${part} are «${found[part]}», not «${expected[part]}»`;
    }
  }
}

// What participants hold for a purchase that pay does not know.
async function* strangers({ databases: { pay, question, coupon, point } }: Stores): AsyncIterable<string> {
  for (const [name, database] of Object.entries({ question, coupon, point })) {
    const select =
      "SELECT reservation_id AS id FROM reservation WHERE state <> 'RELEASED' AND reservation_id > ? ORDER BY reservation_id";
    for await (const page of pages<{ id: string }>(database, select, "")) {
      const ids = page.map(row => row.id);
      const known = await grouped(
        pay,
        "SELECT purchase_id AS id, state FROM purchase WHERE purchase_id IN (?)",
        ids,
      );
      for (const id of ids.filter(each => !known.has(each))) {
        yield `${name} holds something for ${id}, which is no purchase`;
      }
    }
  }
}
