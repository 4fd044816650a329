import { plantedInStatistics } from "./planted-in-statistics.ts";
import { type PlantedViolation, update, waitingWithoutTask } from "./planted-violation.ts";

/** Finds a charge that was credited. */
export const newestCharge = "SELECT MAX(charge_id) FROM point.charge WHERE state = 'CHARGED'";
const newestPurchase = "SELECT MAX(purchase_id) FROM pay.purchase WHERE state = 'PAID'";

/** One violation of each kind, in the rows of a played sale. */
export const plantedViolations: readonly PlantedViolation[] = [
  update(
    "I1 ledger and wallets",
    "a wallet that has a point too many",
    "SELECT user_id FROM point.wallet ORDER BY create_time DESC LIMIT 1",
    "point.wallet",
    "user_id",
    ["paid_points = paid_points + 1", "paid_points = paid_points - 1"],
  ),
  update(
    "I1 ledger and wallets",
    "a transfer with one side",
    "SELECT MAX(entry_id) FROM point.ledger_entry WHERE user_id IS NULL",
    "point.ledger_entry",
    "entry_id",
    ["delta_points = delta_points + 7", "delta_points = delta_points - 7"],
  ),
  update(
    "I1 ledger and wallets",
    "a month that opens with a point too many",
    "SELECT user_id FROM point.wallet ORDER BY create_time DESC LIMIT 1",
    "point.month_opening",
    "user_id",
    ["bonus_points = bonus_points + 1", "bonus_points = bonus_points - 1"],
  ),
  update(
    "I2 purchases and what they moved",
    "a question that was paid and is not owned",
    "SELECT MAX(entitlement_id) FROM question.entitlement WHERE state = 'OWNED'",
    "question.entitlement",
    "entitlement_id",
    ["state = 'RESERVED'", "state = 'OWNED'"],
  ),
  update(
    "I2 purchases and what they moved",
    "points that are still held for a paid purchase",
    "SELECT MAX(reservation_id) FROM point.reservation WHERE state = 'CONFIRMED'",
    "point.reservation",
    "reservation_id",
    ["state = 'RESERVED'", "state = 'CONFIRMED'"],
  ),
  update(
    "I2 purchases and what they moved",
    "a used coupon that is held again",
    "SELECT MAX(user_coupon_id) FROM coupon.user_coupon WHERE state = 'USED'",
    "coupon.user_coupon",
    "user_coupon_id",
    ["state = 'HELD'", "state = 'USED'"],
  ),
  {
    invariant: "I2 purchases and what they moved",
    what: "points that are held for no purchase",
    find: "SELECT UUID()",
    plant:
      "INSERT INTO point.reservation (reservation_id, user_id, state, content) VALUES (?, 1, 'RESERVED', '1')",
    repair: "DELETE FROM point.reservation WHERE reservation_id = ?",
  },
  update(
    "I2 purchases come to an end",
    "a purchase that stays pending",
    newestPurchase,
    "pay.purchase",
    "purchase_id",
    ["state = 'PENDING'", "state = 'PAID'"],
  ),
  update(
    "I3 events and their subscribers",
    "an event that was parked",
    "SELECT MAX(outbox_id) FROM pay.outbox",
    "pay.outbox",
    "outbox_id",
    ["state = 'PARKED'", "state = 'PUBLISHED'"],
  ),
  update(
    "I3 events and their subscribers",
    "an event that one subscriber missed",
    "SELECT MAX(event_id) FROM creator.inbox",
    "creator.inbox",
    "event_id",
    ["consumer = CONCAT('not-', consumer)", "consumer = SUBSTRING(consumer, 5)"],
  ),
  update(
    "I4 coupons and their stock",
    "a coupon that counts a user coupon that does not exist",
    "SELECT MAX(coupon_id) FROM coupon.coupon WHERE issued_count < stock_count",
    "coupon.coupon",
    "coupon_id",
    ["issued_count = issued_count + 1", "issued_count = issued_count - 1"],
  ),
  update(
    "I5 charges and their credits",
    "a charge that was credited and not paid",
    newestCharge,
    "point.charge",
    "charge_id",
    ["state = 'FAILED'", "state = 'CHARGED'"],
  ),
  update(
    "I5 charges and the PSP",
    "a charge of another amount than the PSP captured",
    newestCharge,
    "point.charge",
    "charge_id",
    ["amount_points = amount_points + 1", "amount_points = amount_points - 1"],
  ),
  ...plantedInStatistics,
  update(
    "I7 questions as subscribe knows them",
    "a question that is in the feed for another price",
    "SELECT MAX(question_id) FROM subscribe.question",
    "subscribe.question",
    "question_id",
    ["price_points = price_points + 1", "price_points = price_points - 1"],
  ),
  update(
    "I7 creators as question knows them",
    "a creator whom question knows by another name",
    "SELECT MAX(creator_id) FROM question.creator",
    "question.creator",
    "creator_id",
    ["name = CONCAT('*', name)", "name = SUBSTRING(name, 2)"],
  ),
  update(
    "I8 states of charge",
    "a charge without the time of its payment",
    newestCharge,
    "point.charge",
    "charge_id",
    ["receipt_url = charge_time, charge_time = NULL", "charge_time = receipt_url, receipt_url = ''"],
  ),
  update(
    "I8 states of purchase",
    "a purchase that was paid and canceled",
    newestPurchase,
    "pay.purchase",
    "purchase_id",
    ["cancel_reason = 'NOT_FOUND'", "cancel_reason = NULL"],
  ),
  update(
    "I8 versions of questions",
    "a question whose version does not exist",
    "SELECT MAX(question_id) FROM question.question",
    "question.question",
    "question_id",
    ["version = version + 1", "version = version - 1"],
  ),
  update(
    "I8 active users can log in",
    "a user with neither a password nor a social account",
    "SELECT MAX(user_id) FROM user.user WHERE status = 'ACTIVE' AND password_hash IS NOT NULL",
    "user.user",
    "user_id",
    ["password_hash = NULL", "password_hash = ''"],
  ),
  waitingWithoutTask("pay.purchase", newestPurchase, ["PENDING", "PAID"]),
  waitingWithoutTask("point.charge", newestCharge, ["CONFIRMING", "CHARGED"]),
  waitingWithoutTask("user.mail", "SELECT MAX(mail_id) FROM user.mail WHERE state = 'SENT'", [
    "PENDING",
    "SENT",
  ]),
  ...["pay.purchase", "point.charge"].map(table => {
    const [schema, kind] = table.split(".");
    return {
      invariant: `I10 tasks of ${kind}`,
      what: `a task for no ${kind}`,
      find: "SELECT UUID()",
      plant: `INSERT INTO ${schema}.task (kind, id, due_time) VALUES ('${kind}', ?, NOW(6) + INTERVAL 1 HOUR)`,
      repair: `DELETE FROM ${schema}.task WHERE id = ?`,
    };
  }),
];
