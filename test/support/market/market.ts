import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService, type PurchaseLineSchema } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { LedgerAccount, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { type CouponPeriod, type CouponShop, createCouponShop, type Terms } from "./coupons.ts";
import { type Person, signUp, signUpAdmin } from "./people.ts";
import { type Author, type ContentInit, publishQuestion as publish, signUpAuthor } from "./questions.ts";

/** A buyer with a wallet, and the clients that buyers use. */
export interface Buyer extends Person {
  readonly pay: Client<typeof PaymentService>;
  readonly coupons: Client<typeof CouponService>;
  readonly points: Client<typeof PointService>;
  readonly library: Client<typeof LibraryService>;
}

/** A line of a basket; a bare id is a line without coupons. */
type RequestedLine = bigint | MessageInitShape<typeof PurchaseLineSchema>;

/** Fields of a purchase request other than the basket. */
interface RequestTerms {
  readonly requestId?: string;
  readonly expectedAmountPoints?: bigint;
  readonly consentToImmediateUse?: boolean;
}

/** A purchase request, with a new request id unless `terms` has one. */
export function purchaseRequest(
  lines: readonly RequestedLine[],
  terms: RequestTerms = {},
  purchaseUserCouponId = 0n,
) {
  return {
    requestId: crypto.randomUUID() as string,
    basket: {
      lines: lines.map(line => (typeof line === "bigint" ? { questionId: line } : line)),
      purchaseUserCouponId,
    },
    consentToImmediateUse: true,
    ...terms,
  };
}

/** A shop with questions on sale, all set up through the public API. */
export interface Market {
  readonly stack: Stack;
  readonly admin: Person;
  readonly creator: Author;
  readonly coupons: CouponShop;
  /** Questions for 10,000 points each. */
  readonly questionIds: readonly bigint[];
  publishQuestion(content?: ContentInit): Promise<bigint>;
  promote(questionId: bigint, salePricePoints: bigint): Promise<bigint>;
  createBuyer(points?: bigint): Promise<Buyer>;
  givePoints(userId: bigint, deltaPoints: bigint): Promise<void>;
  /** Makes a coupon and registers it for the buyer; returns the user coupon id. */
  giveCoupon(buyer: Buyer, terms?: Terms, period?: CouponPeriod): Promise<bigint>;
}

/** Opens a market with `questionCount` published questions, and an administrator of its own unless one is given. */
export async function createMarket(
  stack: Stack,
  { questionCount = 3, admin: given }: { questionCount?: number; admin?: Promise<Person> } = {},
): Promise<Market> {
  const [admin, creator] = await Promise.all([given ?? signUpAdmin(stack), signUpAuthor(stack)]);
  const coupons = createCouponShop(stack, admin.token);
  const publishQuestion: Market["publishQuestion"] = async content =>
    (await publish(creator, { pricePoints: 10_000n, ...content })).questionId;
  const questionIds = await publishMany(() => publishQuestion(), questionCount);
  const givePoints: Market["givePoints"] = async (userId, deltaPoints) => {
    await createPublicClient(stack, PointAdminService, { token: admin.token }).adjustPoints({
      requestId: crypto.randomUUID(),
      userId,
      deltaPoints,
      account: LedgerAccount.PAID,
      reason: "for a test",
    });
  };
  return {
    stack,
    admin,
    creator,
    coupons,
    questionIds,
    publishQuestion,
    givePoints,
    async promote(questionId, salePricePoints) {
      const content = { title: "할인", salePricePoints, endTime: timestampFromMs(Date.now() + 3_600_000) };
      const { promotion } = await creator.promotions.createPromotion({ questionId, content });
      return promotion?.promotionId ?? 0n;
    },
    async createBuyer(points = 0n) {
      const buyer = await openBuyer(stack);
      if (points !== 0n) {
        await givePoints(buyer.userId, points);
      }
      return buyer;
    },
    async giveCoupon(buyer, terms, period) {
      const { code } = await coupons.create(terms, period);
      const { coupon } = await buyer.coupons.registerCoupon({ code });
      return coupon?.userCouponId ?? 0n;
    },
  };
}

async function openBuyer(stack: Stack): Promise<Buyer> {
  const person = await signUp(stack, "구매자");
  const as = { token: person.token };
  return {
    ...person,
    pay: createPublicClient(stack, PaymentService, as),
    coupons: createPublicClient(stack, CouponService, as),
    points: createPublicClient(stack, PointService, as),
    library: createPublicClient(stack, LibraryService, as),
  };
}

const publishedAtOnce = 8;

async function publishMany(publishOne: () => Promise<bigint>, count: number): Promise<bigint[]> {
  const questionIds: bigint[] = [];
  while (questionIds.length < count) {
    const left = Math.min(publishedAtOnce, count - questionIds.length);
    questionIds.push(...(await Promise.all(Array.from({ length: left }, publishOne))));
  }
  return questionIds;
}
