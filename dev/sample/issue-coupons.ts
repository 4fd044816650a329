import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import type { PublicApi } from "../demo/public-api.ts";
import { reasonOf } from "../demo/refusal.ts";
import type { SampleCoupon, SampleTarget } from "./coupons.ts";
import { daysFromNow } from "./days.ts";
import type { CategoryPath } from "./questions.ts";

/** Finds the ids that coupons are bound to. */
interface FindTarget {
  creator(key: string): bigint;
  question(key: string): bigint;
  category(path: CategoryPath): bigint;
}

/** Creates the coupons that do not exist yet, as an operator. */
export async function issueCouponsOnce(
  api: PublicApi,
  adminToken: string,
  coupons: readonly SampleCoupon[],
  find: FindTarget,
): Promise<void> {
  const admin = api.client(CouponAdminService, adminToken);
  for (const { code, target, stockCount, lastsDays, ended, ...terms } of coupons) {
    try {
      const { coupon } = await admin.createCoupon({
        code,
        terms: { ...terms, ...targetOf(target, find) },
        stockCount,
        endTime: daysFromNow(lastsDays),
      });
      if (ended && coupon !== undefined) {
        await admin.endCoupon({ couponId: coupon.couponId, reason: "행사 종료" });
      }
    } catch (error) {
      if (reasonOf(error) !== "DUPLICATE_COUPON_CODE") {
        throw error;
      }
    }
  }
}

function targetOf(target: SampleTarget | undefined, find: FindTarget) {
  if (target === undefined) {
    return {};
  }
  if ("creatorKey" in target) {
    return { targetCreatorId: find.creator(target.creatorKey) };
  }
  if ("questionKey" in target) {
    return { targetQuestionId: find.question(target.questionKey) };
  }
  return { targetCategoryId: find.category(target.category) };
}
