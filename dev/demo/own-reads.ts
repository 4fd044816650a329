import type { DescMethodUnary } from "@bufbuild/protobuf";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";

/** A method of each service that a user without anything can call, and that reads the database. */
export const ownReads: Readonly<Record<string, DescMethodUnary>> = {
  user: ProfileService.method.getProfile,
  creator: CreatorService.method.getOwnCreator,
  question: StoreService.method.listQuestions,
  point: PointService.method.getWallet,
  coupon: CouponService.method.listUserCoupons,
  pay: PaymentService.method.listPurchases,
  cart: CartService.method.getCart,
  review: ReviewService.method.listOwnReviews,
  subscribe: SubscriptionService.method.listSubscriptions,
  post: NotificationService.method.listNotifications,
};
