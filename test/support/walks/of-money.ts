import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { ChargePackage, ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { StatementService } from "#gen/questioncloud/point/v1/statement_pb.ts";
import { type Buyer, purchaseRequest } from "../market/market.ts";
import { present } from "../market/questions.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { createTokenUsers } from "../rpc/tokens.ts";
import { listOf, rowsOfWalk, type Walkers, type Walks, walkList, walkOwn } from "./walk.ts";

const reason = "for a test";

const ordered = async ({ points }: Buyer) => {
  const request = { requestId: crypto.randomUUID(), package: ChargePackage.A };
  return present((await points.createCharge(request)).charge).chargeId;
};
const charges = ({ points }: Buyer, state: ChargeState) =>
  listOf(
    request => points.listCharges({ ...request, state }),
    page => page.charges.map(({ chargeId }) => chargeId),
  );
const ledger = ({ points }: Buyer) =>
  listOf(points.listLedgerEntries, page => page.entries.map(({ entryId }) => entryId));
const statement = ({ stack }: Walkers, { token }: Buyer, month = "") =>
  listOf(
    request => createPublicClient(stack, StatementService, { token }).getStatement({ ...request, month }),
    page => page.entries.map(({ entryId }) => entryId),
  );
const adminOf = ({ stack, market }: Walkers) =>
  createPublicClient(stack, PointAdminService, { token: market.admin.token });
const discrepancies = (walkers: Walkers, includeResolved: boolean) =>
  listOf(
    request => adminOf(walkers).listDiscrepancies({ ...request, includeResolved }),
    page => page.discrepancies.map(({ discrepancyId }) => discrepancyId),
  );

/** Walks over lists of coupons, purchases and points. */
export const walksOfMoney: Walks = {
  async "CouponService.ListUserCoupons"({ stack, market }) {
    const [client, another] = (await createTokenUsers(stack, 2)).map(({ token }) =>
      createPublicClient(stack, CouponService, { token }),
    );
    const read = (from = client) =>
      listOf(present(from).listUserCoupons, page => page.coupons.map(({ couponId }) => couponId));
    let made = 0;
    const endTimes = [5, 1, 3, 3].map(hours => Date.now() + hours * 3_600_000);
    await walkList({
      read: read(),
      async add() {
        const endsInMs = (endTimes[made++ % endTimes.length] ?? 0) - Date.now();
        const { code } = await market.coupons.create({}, { endsInMs });
        await present(client).registerCoupon({ code });
      },
      remove: couponId => market.coupons.client.endCoupon({ couponId, reason }),
      others: [read(another)],
    });
  },
  async "CouponAdminService.ListCoupons"({ stack, market, buyer }) {
    const { listUserCoupons } = createPublicClient(stack, CouponService, { token: buyer.token });
    await walkOwn({
      read: listOf(market.coupons.client.listCoupons, page => page.coupons.map(each => each.couponId)),
      add: async () => (await market.coupons.create()).couponId,
      others: [listOf(listUserCoupons, () => [])],
    });
  },
  async "PaymentService.ListPurchases"({ market, other }) {
    const buyer = await market.createBuyer(10_000n * BigInt(rowsOfWalk));
    const left = [...market.questionIds];
    const read = ({ pay }: Buyer) =>
      listOf(pay.listPurchases, page => page.purchases.map(({ purchaseId }) => purchaseId));
    const add = () => buyer.pay.purchaseQuestions(purchaseRequest([left.pop() ?? 0n]));
    await walkList({ read: read(buyer), add, others: [read(other)] });
  },
  async "PointService.ListLedgerEntries"(walkers) {
    const { market, buyer, other } = walkers;
    const add = () => market.givePoints(buyer.userId, 1n);
    await walkList({ read: ledger(buyer), add, others: [ledger(other), statement(walkers, buyer)] });
  },
  async "StatementService.GetStatement"(walkers) {
    const { market, buyer, other } = walkers;
    const add = () => market.givePoints(buyer.userId, 1n);
    const others = [statement(walkers, other), statement(walkers, buyer, "2025-01"), ledger(buyer)];
    await walkList({ read: statement(walkers, buyer), add, others });
  },
  async "PointService.ListCharges"({ buyer, other }) {
    await walkList({
      read: charges(buyer, ChargeState.ORDERED),
      add: () => ordered(buyer),
      remove: chargeId => buyer.points.cancelCharge({ chargeId }),
      others: [charges(buyer, ChargeState.UNSPECIFIED), charges(other, ChargeState.ORDERED)],
    });
  },
  async "PointAdminService.ListOpenCharges"(walkers) {
    const admin = adminOf(walkers);
    await walkOwn({
      read: listOf(admin.listOpenCharges, page => page.charges.map(open => present(open.charge).chargeId)),
      // Past its expiry, while its task is not due.
      async add() {
        const chargeId = await ordered(walkers.other);
        const expire = "UPDATE point.charge SET expire_time = create_time WHERE charge_id = ?";
        await walkers.sql.query(expire, [chargeId]);
        return chargeId;
      },
      remove: chargeId => admin.closeCharge({ chargeId, reason }),
      others: [discrepancies(walkers, false)],
    });
  },
  async "PointAdminService.ListDiscrepancies"(walkers) {
    const plant = "INSERT INTO point.discrepancy VALUES (NULL, 'UNREADABLE', UUID(), 0, 0, NOW(6), NULL, '')";
    await walkOwn({
      read: discrepancies(walkers, false),
      add: async () => BigInt((await walkers.sql.query(plant)).insertId),
      remove: discrepancyId => adminOf(walkers).resolveDiscrepancy({ discrepancyId, note: reason }),
      others: [discrepancies(walkers, true)],
    });
  },
};
