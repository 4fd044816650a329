import { randomUUID } from "node:crypto";
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { AuthoringService, FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import { ReportReason, ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { SocialAccountService, SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { purchaseRequest } from "../market/market.ts";
import { contentWith } from "../market/questions.ts";
import type { Estate } from "./estate.ts";

/** A request that names what belongs to another user. */
export interface ForeignRequest {
  readonly method: DescMethodUnary;
  readonly request: Message;
  /** Why it is refused; undefined where it is answered and does nothing. */
  readonly reason: string | undefined;
}

function ask<I extends DescMessage>(
  method: DescMethodUnary<I>,
  request: MessageInitShape<I>,
  reason: string | undefined = "NOT_FOUND",
): ForeignRequest {
  return { method, request: create(method.input, request), reason };
}

/** Does nothing, as for an id that does not exist. */
const nothing = (foreign: ForeignRequest): ForeignRequest => ({ ...foreign, reason: undefined });

/** Methods whose requests name only what everyone may name. */
export const namesNobodysObject: Readonly<Record<string, string>> = {
  "AuthoringService.CreateQuestion": "categories belong to the shop",
  "CartService.AddToCart": "every question on sale may be put into a cart",
  "CartService.MergeCart": "every question on sale may be put into a cart",
  "LibraryService.ListOwnedQuestions": "its filters only narrow the caller's own list",
  "ReviewService.CreateReview": "every question on sale may be reviewed by those who own it",
  "ReviewService.MarkReviewHelpful": "only reviews of others may be marked",
  "ReviewService.ReportReview": "only reviews of others may be reported",
  "SubscriptionService.GetSubscription": "every creator may be subscribed to",
  "SubscriptionService.Subscribe": "every creator may be subscribed to",
};

/** Requests with the ids of another user, for every method that takes such an id. */
export function foreignRequests(estate: Estate): ForeignRequest[] {
  return [...ofSellers(estate), ...ofBuyers(estate), ...ofBoards(estate), ...ofAccounts(estate)];
}

function ofSellers({ draftId, draftUploadId, soldQuestionId, intruderDraftId, promotionId }: Estate) {
  const authoring = AuthoringService.method;
  const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1000n };
  const promotion = {
    title: "할인",
    salePricePoints: 500n,
    endTime: timestampFromMs(Date.now() + 3_600_000),
  };
  return [
    ask(authoring.getOwnQuestion, { questionId: draftId }),
    ask(authoring.updateQuestion, { questionId: draftId, version: 1, content: contentWith() }),
    ask(authoring.createUpload, { questionId: draftId, file }),
    ask(authoring.acceptUpload, { questionId: draftId, uploadId: draftUploadId }),
    ask(authoring.acceptUpload, { questionId: intruderDraftId, uploadId: draftUploadId }),
    ask(authoring.publishQuestion, { questionId: draftId }),
    ask(authoring.unpublishQuestion, { questionId: soldQuestionId }),
    ask(authoring.deleteQuestion, { questionId: draftId }),
    ask(PromotionService.method.createPromotion, { questionId: soldQuestionId, content: promotion }),
    ask(PromotionService.method.endPromotion, { questionId: soldQuestionId, promotionId }),
    ask(PromotionService.method.endPromotion, { questionId: intruderDraftId, promotionId }),
    ask(PromotionService.method.listPromotions, { questionId: soldQuestionId }),
  ];
}

function ofBuyers(estate: Estate) {
  const { soldQuestionId, cartQuestionId, purchaseId, purchaseRequestId, userCouponId, charge, reviewId } =
    estate;
  const { chargeId, amountPoints } = charge;
  const content = { rate: 1, comment: "다시 씁니다." };
  const coupons = { questionId: cartQuestionId, userCouponId };
  return [
    ask(LibraryService.method.createDownloadLink, { questionId: soldQuestionId }, "NOT_OWNED_QUESTION"),
    nothing(ask(CartService.method.removeFromCart, { questionIds: [cartQuestionId] })),
    ask(PaymentService.method.getPurchase, { by: { case: "purchaseId", value: purchaseId } }),
    ask(PaymentService.method.getPurchase, { by: { case: "requestId", value: purchaseRequestId } }),
    ask(PaymentService.method.quotePurchase, { basket: { lines: [coupons] } }, "WRONG_COUPON"),
    ask(PaymentService.method.purchaseQuestions, purchaseRequest([coupons]), "WRONG_COUPON"),
    ask(PointService.method.getCharge, { chargeId }),
    ask(PointService.method.cancelCharge, { chargeId }),
    ask(PointService.method.confirmCharge, { chargeId, amountPoints, paymentKey: "unknown" }),
    ask(ReviewService.method.updateReview, { reviewId, version: 1n, content }),
    ask(ReviewService.method.deleteReview, { reviewId }),
    ask(ReviewService.method.getOwnReview, { questionId: estate.sharedQuestionId }),
    ask(
      ReviewReplyService.method.putReviewReply,
      { reviewId, comment: "고맙습니다." },
      "NOT_QUESTION_CREATOR",
    ),
    ask(ReviewReplyService.method.deleteReviewReply, { reviewId }, "NOT_QUESTION_CREATOR"),
    ask(SubscriptionService.method.unsubscribe, { creatorId: estate.sellerId }),
  ];
}

function ofBoards({ post, hidden, intruderPostId, unusedUploadId, sharedQuestionId, ...estate }: Estate) {
  const [posts, comments] = [PostService.method, CommentService.method];
  const questionId = estate.soldQuestionId;
  const content = { title: "바꾼 제목", body: "바꾼 내용" };
  const withFile = { ...content, files: [{ uploadId: unusedUploadId, name: "풀이.pdf" }] };
  const requestId = randomUUID();
  const noAccess = "NO_BOARD_ACCESS";
  const reason = ReportReason.SPAM;
  const file = { contentType: "application/pdf", sizeBytes: 1000n };
  return [
    ask(posts.listPosts, { questionId }, noAccess),
    ask(posts.getPost, { postId: hidden.postId }, noAccess),
    ask(posts.listPostEdits, { postId: hidden.postId }, noAccess),
    ask(posts.createFileLink, hidden, noAccess),
    ask(posts.createFileLink, { postId: post.postId, uploadId: hidden.uploadId }),
    ask(posts.createUpload, { questionId, ...file }, noAccess),
    ask(posts.createPost, { requestId, questionId, content }, noAccess),
    ask(posts.createPost, { requestId, questionId: sharedQuestionId, content: withFile }, "UPLOAD_NOT_FOUND"),
    ask(posts.updatePost, { postId: post.postId, version: 1, content }),
    ask(posts.updatePost, { postId: intruderPostId, version: 1, content: withFile }, "UPLOAD_NOT_FOUND"),
    ask(posts.deletePost, { postId: post.postId }),
    ask(posts.pinPost, { postId: post.postId, pinned: true }),
    ask(posts.reportPost, { postId: hidden.postId, reason }, noAccess),
    ask(comments.listComments, { postId: hidden.postId }, noAccess),
    ask(comments.createComment, { requestId, postId: hidden.postId, body: "댓글" }, noAccess),
    ask(comments.createComment, {
      requestId,
      postId: intruderPostId,
      body: "댓글",
      parentCommentId: post.commentId,
    }),
    ask(comments.updateComment, { commentId: post.commentId, version: 1, body: "바꾼 댓글" }),
    ask(comments.deleteComment, { commentId: post.commentId }),
    ask(comments.reportComment, { commentId: hidden.commentId, reason }, noAccess),
    nothing(
      ask(NotificationService.method.markNotificationsRead, { notificationIds: [estate.notificationId] }),
    ),
  ];
}

function ofAccounts({ sessionId, emailToken, confirmationToken }: Estate) {
  const newEmail = `${randomUUID()}@example.com`;
  const provider = SocialProvider.GOOGLE;
  return [
    ask(AuthService.method.revokeSession, { sessionId }),
    ask(AccountService.method.confirmEmailChange, { token: emailToken }),
    ask(AccountService.method.requestEmailChange, { newEmail, confirmationToken }, "FAIL_LOGIN"),
    ask(AccountService.method.withdraw, { confirmationToken, waivePoints: true }, "FAIL_LOGIN"),
    ask(SocialAccountService.method.startSocialLink, { provider, confirmationToken }, "FAIL_LOGIN"),
  ];
}
