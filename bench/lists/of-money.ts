import { listCoupons } from "#services/coupon/db/coupons.ts";
import { listUsableCoupons } from "#services/coupon/db/user-coupons.ts";
import { listPaidIds } from "#services/pay/db/purchases.ts";
import { listCharges, listOpenCharges } from "#services/point/db/charges.ts";
import { listDiscrepancies } from "#services/point/db/discrepancies.ts";
import { listEntries } from "#services/point/db/ledger.ts";
import { listStatement } from "#services/point/db/statements.ts";
import { boundsOfMonth } from "#services/point/domain/korean-time.ts";
import { loadRows, type Room, uuidOf } from "./room.ts";

const time = "'2026-01-01' + INTERVAL seq DIV 50 SECOND";

export const ofPoints: Room = {
  service: "point",
  async load(database, total) {
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO ledger_entry (type, reference, account, counter_account, user_id, delta_points, create_time)
          SELECT 'CHARGE', ${uuidOf}, 'PAID', 'PSP_CLEARING', IF(seq % 10 = 0, 1, seq), 1000, ${time} FROM ${numbers}`,
    );
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO charge (charge_id, user_id, request_id, provider, package, amount_points, state, create_time,
          expire_time)
          SELECT ${uuidOf}, IF(seq % 10 < 2, 1, seq), ${uuidOf}, 'toss', 'A', 1000,
            IF(seq % 10 = 0, 'CHARGED', IF(seq % 10 = 2, 'CONFIRMING', 'EXPIRED')), ${time}, NOW(6) FROM ${numbers}`,
    );
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO discrepancy (kind, charge_id, our_amount_points, psp_amount_points, resolve_time)
          SELECT 'AMOUNT', ${uuidOf}, 1000, 2000, IF(seq % 10 = 0, NULL, NOW(6)) FROM ${numbers}`,
    );
    await database.query("ANALYZE TABLE ledger_entry, charge, discrepancy");
  },
  lists: {
    "entries of a user": (from, page) => listEntries(from, 1n, page),
    "a month's statement": (from, page) => listStatement(from, 1n, boundsOfMonth("2026-01"), page),
    "charges of a user": (from, page) => listCharges(from, { userId: 1n, state: undefined }, page),
    "charges in one state": (from, page) => listCharges(from, { userId: 1n, state: "CHARGED" }, page),
    "open charges": (from, page) => listOpenCharges(from, page),
    "open differences": (from, page) => listDiscrepancies(from, { includeResolved: false }, page),
    "all differences": (from, page) => listDiscrepancies(from, { includeResolved: true }, page),
  },
};

export const ofCoupons: Room = {
  service: "coupon",
  async load(database, total) {
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO coupon (coupon_id, code, title, scope, kind, value, minimum_points, maximum_discount_points,
          target_question_id, target_creator_id, target_category_id, stackable, stock_count, issued_count, start_time,
          end_time)
          SELECT seq, CONCAT('C-', seq), '쿠폰', 'LINE', 'FIXED', 100, 0, 0, 0, 0, 0, FALSE, 10, 1, '2026-01-01',
            '2036-01-01' + INTERVAL seq DIV 50 SECOND FROM ${numbers}`,
    );
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO user_coupon (user_id, coupon_id, end_time)
          SELECT IF(seq % 10 = 0, 1, seq), seq, '2036-01-01' + INTERVAL seq DIV 50 SECOND FROM ${numbers}`,
    );
    await database.query("ANALYZE TABLE coupon, user_coupon");
  },
  lists: {
    coupons: (from, page) => listCoupons(from, page),
    "usable coupons of a user": (from, page) => listUsableCoupons(from, 1n, page),
  },
};

export const ofPurchases: Room = {
  service: "pay",
  async load(database, total) {
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO purchase (purchase_id, user_id, request_id, request_hash, state, original_points, amount_points,
          consent_time)
          SELECT ${uuidOf}, IF(seq % 10 = 0, 1, seq), ${uuidOf}, REPEAT('0', 32), 'PAID', 1000, 1000, NOW(6)
          FROM ${numbers}`,
    );
    await database.query("ANALYZE TABLE purchase");
  },
  lists: { "purchases of a user": (from, page) => listPaidIds(from, 1n, page) },
};
