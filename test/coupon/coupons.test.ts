import { timestampDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { expect } from "chai";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponScope, CouponService, DiscountKind } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { type CouponShop, createCouponShop, newCode } from "../support/market/coupons.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { createTokenUsers } from "../support/rpc/tokens.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("coupons", () => {
  let stack: Stack;
  let shop: CouponShop;
  let admin: { userId: bigint; token: string };

  const clientOf = ({ token }: { token: string }) => createPublicClient(stack, CouponService, { token });
  const newUser = async () => {
    const [user] = await createTokenUsers(stack, 1);
    return clientOf(user ?? { token: "" });
  };
  const reasonFor = async (call: Promise<unknown>) => (await refusalOf(call)).reason;

  before(async () => {
    stack = await sharedStack();
    admin = await signUpAdmin(stack);
    shop = createCouponShop(stack, admin.token);
  });

  it("are registered by their code in any case and width, and listed while they can be used", async () => {
    const coupon = await shop.create({
      title: "개강 쿠폰",
      value: 500n,
      stackable: true,
      targetCreatorId: 4n,
    });
    const user = await newUser();
    const { coupon: mine } = await user.registerCoupon({ code: fullWidth(coupon.code.toLowerCase()) });
    expect(mine).to.deep.include({
      couponId: coupon.couponId,
      terms: coupon.terms,
      startTime: coupon.startTime,
      endTime: coupon.endTime,
    });
    expect((await user.listUserCoupons({})).coupons).to.deep.equal([mine]);
    expect((await (await newUser()).listUserCoupons({})).coupons).to.deep.equal([]);
  });

  it("are refused when unknown, already registered, before the start, after the end, and when sold out", async () => {
    const user = await newUser();
    const register = (code: string) => reasonFor(user.registerCoupon({ code }));
    expect(await register(newCode())).to.equal("NOT_FOUND");
    const [open, early, late, single] = await Promise.all([
      shop.create(),
      shop.create({}, { startsInMs: 60_000 }),
      shop.create({}, { startsInMs: -60_000 }),
      shop.create({}, { stockCount: 1n }),
    ]);
    await shop.client.endCoupon({ couponId: late.couponId, reason: "over" });
    await user.registerCoupon({ code: open.code });
    expect(await register(open.code)).to.equal("ALREADY_REGISTER_COUPON");
    expect(await register(early.code)).to.equal("EXPIRED_COUPON");
    expect(await register(late.code)).to.equal("EXPIRED_COUPON");
    await (await newUser()).registerCoupon({ code: single.code });
    expect(await register(single.code)).to.equal("LIMITED_COUPON");
    expect((await shop.find(single.couponId))?.issuedCount).to.equal(1n);
    expect((await shop.find(early.couponId))?.issuedCount).to.equal(0n);
  });

  it("are listed page by page, the first to end first", async () => {
    const user = await newUser();
    const ends = [5, 1, 4, 2, 3, 3, 3].map(hours => hours * 3_600_000);
    for (const endsInMs of ends) {
      await user.registerCoupon({ code: (await shop.create({}, { endsInMs })).code });
    }
    const whole = (await user.listUserCoupons({ pageSize: 1000 })).coupons;
    const seen: bigint[] = [];
    let pageToken = "";
    do {
      const page = await user.listUserCoupons({ pageSize: 2, pageToken });
      expect(page.coupons.length).to.be.within(1, 2);
      seen.push(...page.coupons.map(coupon => coupon.userCouponId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).to.deep.equal(whole.map(coupon => coupon.userCouponId));
    const times = whole.map(({ endTime }) => (endTime === undefined ? 0 : timestampDate(endTime).getTime()));
    expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
    expect(seen).to.have.length(ends.length);

    const { nextPageToken } = await user.listUserCoupons({ pageSize: 1 });
    const other = await newUser();
    for (const [client, token] of [
      [other, nextPageToken],
      [user, `${nextPageToken}x`],
      [user, "x"],
    ] as const) {
      expect(await reasonFor(client.listUserCoupons({ pageToken: token }))).to.equal("INVALID_PAGE_TOKEN");
    }
  });

  it("end when an operator ends them, for users who have registered them and for all others", async () => {
    const { code, couponId } = await shop.create();
    const user = await newUser();
    await user.registerCoupon({ code });
    const { coupon: ended } = await shop.client.endCoupon({ couponId, reason: "misprint" });
    expect((await user.listUserCoupons({})).coupons).to.deep.equal([]);
    expect(await reasonFor((await newUser()).registerCoupon({ code }))).to.equal("EXPIRED_COUPON");
    const again = await shop.client.endCoupon({ couponId, reason: "again" });
    expect(again.coupon).to.deep.equal(ended);
    expect(await reasonFor(shop.client.endCoupon({ couponId: 10n ** 15n, reason: "none" }))).to.equal(
      "NOT_FOUND",
    );
  });

  it("are created by operators alone, each with its own code, and every change is in the audit log", async () => {
    const { code, couponId } = await shop.create();
    for (const same of [code, code.toLowerCase(), fullWidth(code)]) {
      expect(await reasonFor(shop.createAs(same))).to.equal("DUPLICATE_COUPON_CODE");
    }
    await shop.client.endCoupon({ couponId, reason: "misprint" });
    const sql = await connectAdmin(stack.mariadb.url);
    const rows: AuditRow[] = await sql.query(
      "SELECT action, admin_user_id AS adminUserId, detail FROM coupon.audit_log WHERE subject = ? ORDER BY audit_id",
      [couponId.toString()],
    );
    await sql.end();
    expect(rows.map(row => row.action)).to.deep.equal(["coupon.create", "coupon.end"]);
    expect(rows.map(row => BigInt(row.adminUserId))).to.deep.equal([admin.userId, admin.userId]);
    expect(JSON.stringify(rows[1]?.detail)).to.contain("misprint");

    const [user] = await createTokenUsers(stack, 1);
    const intruder = createPublicClient(stack, CouponAdminService, { token: user?.token });
    const attempts = [intruder.listCoupons({}), intruder.endCoupon({ couponId, reason: "mine" })];
    expect(await Promise.all(attempts.map(reasonFor))).to.deep.equal(["FORBIDDEN", "FORBIDDEN"]);
  });

  it("are listed for operators, newest first", async () => {
    const made = [await shop.create(), await shop.create(), await shop.create()].map(each => each.couponId);
    const first = await shop.client.listCoupons({ pageSize: 2 });
    const second = await shop.client.listCoupons({ pageSize: 1, pageToken: first.nextPageToken });
    const ids = [...first.coupons, ...second.coupons].map(each => each.couponId);
    expect(ids).to.deep.equal(made.toReversed());
    expect(await reasonFor(shop.client.listCoupons({ pageToken: "x" }))).to.equal("INVALID_PAGE_TOKEN");
  });

  it("are refused if the request violates the contract", async () => {
    const terms = { title: "t", scope: CouponScope.LINE, kind: DiscountKind.FIXED, value: 1n };
    const endTime = timestampFromMs(Date.now() + 60_000);
    const good = { code: newCode(), terms, stockCount: 1n, endTime };
    const wrong = [
      { ...good, code: "abc" },
      { ...good, code: "under_score" },
      { ...good, stockCount: 0n },
      { ...good, stockCount: 10_000_001n },
      { ...good, startTime: endTime },
      { ...good, endTime: timestampFromMs(Date.now() - 1) },
      { ...good, terms: { ...terms, title: " " } },
      { ...good, terms: { ...terms, value: 0n } },
      { ...good, terms: { ...terms, kind: DiscountKind.PERCENT, value: 101n } },
      { ...good, terms: { ...terms, scope: CouponScope.PURCHASE, stackable: true } },
      { ...good, terms: { ...terms, minimumPoints: -1n } },
    ];
    for (const request of wrong) {
      const { code } = await refusalOf(shop.client.createCoupon(request));
      expect(
        code,
        JSON.stringify(request, (_, value) => String(value)),
      ).to.equal(Code[Code.InvalidArgument]);
    }
    const user = await newUser();
    expect(await reasonFor(user.registerCoupon({ code: "' OR 1=1 --" }))).to.equal("BAD_REQUEST");
    expect(await reasonFor(user.listUserCoupons({ pageSize: -1 }))).to.equal("BAD_REQUEST");
  });
});

interface AuditRow {
  readonly action: string;
  readonly adminUserId: bigint | number | string;
  readonly detail: unknown;
}

/** Types a code as Korean keyboards do in full width. */
function fullWidth(code: string): string {
  return code.replace(/[!-~]/g, character => String.fromCodePoint(character.charCodeAt(0) + 0xfee0));
}
