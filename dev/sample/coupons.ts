import { CouponScope, DiscountKind } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { CategoryPath } from "./questions.ts";

/** What a coupon for one line is bound to. */
export type SampleTarget =
  | { readonly creatorKey: string }
  | { readonly questionKey: string }
  | { readonly category: CategoryPath };

/** A coupon to create. */
export interface SampleCoupon {
  readonly code: string;
  readonly title: string;
  readonly scope: CouponScope;
  readonly kind: DiscountKind;
  /** Points, or percent. */
  readonly value: bigint;
  readonly minimumPoints?: bigint;
  readonly maximumDiscountPoints?: bigint;
  readonly target?: SampleTarget;
  readonly stackable?: boolean;
  readonly stockCount: bigint;
  readonly lastsDays: number;
  /** True for one that is ended as soon as it is created. */
  readonly ended?: boolean;
}

const { LINE, PURCHASE } = CouponScope;
const { FIXED, PERCENT } = DiscountKind;
const ample = { stockCount: 100_000n, lastsDays: 180 };

/** One of every kind. */
export const sampleCoupons: readonly SampleCoupon[] = [
  {
    code: "WELCOME-1000",
    title: "첫 구매 1,000P 할인",
    scope: PURCHASE,
    kind: FIXED,
    value: 1000n,
    minimumPoints: 3000n,
    ...ample,
  },
  {
    code: "SUNEUNG-10",
    title: "수능 응원 10% 할인",
    scope: PURCHASE,
    kind: PERCENT,
    value: 10n,
    maximumDiscountPoints: 2000n,
    ...ample,
  },
  { code: "ONE-500", title: "한 문제 500P 할인", scope: LINE, kind: FIXED, value: 500n, ...ample },
  {
    code: "FIRST-100",
    title: "선착순 100명 한 문제 20% 할인",
    scope: LINE,
    kind: PERCENT,
    value: 20n,
    maximumDiscountPoints: 1000n,
    stockCount: 100n,
    lastsDays: 60,
  },
  {
    code: "HAYUN-300",
    title: "하윤수학 300P 더블 할인",
    scope: LINE,
    kind: FIXED,
    value: 300n,
    target: { creatorKey: "hayun" },
    stackable: true,
    ...ample,
  },
  {
    code: "KILLER-30",
    title: "변곡점과 접선의 개수 30% 할인",
    scope: LINE,
    kind: PERCENT,
    value: 30n,
    target: { questionKey: "dohyun-05" },
    ...ample,
  },
  {
    code: "GENETICS-15",
    title: "사람의 유전 15% 할인",
    scope: LINE,
    kind: PERCENT,
    value: 15n,
    target: { category: { subject: Subject.BIOLOGY, parent: "유전", child: "사람의 유전" } },
    ...ample,
  },
  {
    code: "EARLYBIRD-5",
    title: "얼리버드 5% 할인",
    scope: PURCHASE,
    kind: PERCENT,
    value: 5n,
    stockCount: 1000n,
    lastsDays: 30,
    ended: true,
  },
];
