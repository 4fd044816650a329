import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Stack } from "#dev/stack/stack.ts";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { openMember } from "../market/boards.ts";
import { createMarket, type Market, purchaseRequest } from "../market/market.ts";
import { linkToken } from "../market/people.ts";
import {
  type Author,
  pdfBytes,
  present,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "../market/questions.ts";
import { openSocialSuite } from "../market/social.ts";
import { password } from "../market/user-suite.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { until } from "../stack/until.ts";

/** Everything that one user can have, and another user with the same rights who wants it. */
export type Estate = Awaited<ReturnType<typeof openEstate>>;

/** Both have bought `sharedQuestionId`, and use its board; both sell questions. */
export async function openEstate(stack: Stack) {
  const market = await createMarket(stack, { questionCount: 2 });
  const [sharedQuestionId = 0n, cartQuestionId = 0n] = market.questionIds;
  const [owner, intruder] = await Promise.all([signUpAuthor(stack), signUpAuthor(stack)]);
  const purchase = await buyShared(market, owner);
  await buyShared(market, intruder);
  await market.givePoints(intruder.userId, 100_000n);
  const as = { token: owner.token };
  const { questionId: soldQuestionId } = await publishQuestion(owner);
  await createPublicClient(stack, SubscriptionService, as).subscribe({ creatorId: market.creator.creatorId });
  await createPublicClient(stack, CartService, as).addToCart({ questionId: cartQuestionId });
  return {
    intruder,
    sharedQuestionId,
    soldQuestionId,
    cartQuestionId,
    sellerId: market.creator.creatorId,
    confirmationToken: await confirmationToken(stack),
    intruderDraftId: (await writeDraft(intruder)).questionId,
    ...purchase,
    ...(await createWritings(owner, soldQuestionId)),
    ...(await openAccount(stack, market, owner)),
    ...(await useBoards(stack, { owner, intruder, sharedQuestionId, soldQuestionId })),
  };
}

async function buyShared({ stack, questionIds, givePoints }: Market, { userId, token }: Author) {
  const [questionId = 0n] = questionIds;
  await givePoints(userId, 10_000n);
  const request = purchaseRequest([questionId]);
  const pay = createPublicClient(stack, PaymentService, { token });
  const { purchase } = await pay.purchaseQuestions(request);
  return { purchaseId: present(purchase).purchaseId, purchaseRequestId: request.requestId };
}

/** A draft with an upload, and a promotion. */
async function createWritings(owner: Author, soldQuestionId: bigint) {
  const { questionId: draftId } = await writeDraft(owner);
  const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1000n };
  const { upload } = await owner.authoring.createUpload({ questionId: draftId, file });
  const promoted = await owner.promotions.createPromotion({
    questionId: soldQuestionId,
    content: { title: "할인", salePricePoints: 500n, endTime: timestampFromMs(Date.now() + 3_600_000) },
  });
  return {
    draftId,
    draftUploadId: present(upload).uploadId,
    promotionId: present(promoted.promotion).promotionId,
  };
}

/** A token that was mailed to a user without a password, who proves with it who they are. */
async function confirmationToken(stack: Stack): Promise<string> {
  const social = await openSocialSuite();
  const person = await social.addPerson("google");
  const { tokens } = await social.signUp(person);
  await social.account(present(tokens).accessToken).requestConfirmation({});
  await social.close();
  return linkToken(stack, person.email ?? "", "account");
}

async function openAccount(stack: Stack, market: Market, { token }: Author) {
  const { code } = await market.coupons.create();
  const { coupon } = await createPublicClient(stack, CouponService, { token }).registerCoupon({ code });
  const points = createPublicClient(stack, PointService, { token });
  const ordered = { requestId: randomUUID(), package: ChargePackage.A };
  const { charge } = await points.createCharge(ordered);
  const { sessions } = await createPublicClient(stack, AuthService, { token }).listSessions({});
  const newEmail = `${randomUUID()}@example.com`;
  await createPublicClient(stack, AccountService, { token }).requestEmailChange({ newEmail, password });
  return {
    userCouponId: present(coupon).userCouponId,
    charge: present(charge),
    sessionId: present(sessions[0]).sessionId,
    emailToken: await linkToken(stack, newEmail, "confirm-email"),
  };
}

interface BoardUsers {
  readonly owner: Author;
  readonly intruder: Author;
  readonly sharedQuestionId: bigint;
  readonly soldQuestionId: bigint;
}

/** Posts, comments and a review; those on the board of the sold question are out of reach for the intruder. */
async function useBoards(stack: Stack, { owner, intruder, sharedQuestionId, soldQuestionId }: BoardUsers) {
  const [member, other] = [openMember(stack, owner), openMember(stack, intruder)];
  const pdf = () => ({ contentType: "application/pdf", bytes: pdfBytes() });
  const write = async (questionId: bigint) => {
    const uploadId = await member.upload(questionId, pdf());
    const { postId } = await member.write(questionId, { files: [{ uploadId, name: "풀이.pdf" }] });
    const { commentId } = await member.comment(postId);
    return { postId, commentId, uploadId };
  };
  const post = await write(sharedQuestionId);
  const hidden = await write(soldQuestionId);
  const { postId: intruderPostId } = await other.write(sharedQuestionId);
  await other.comment(post.postId);
  const news = createPublicClient(stack, NotificationService, { token: owner.token });
  const content = { rate: 5, comment: "풀이가 친절합니다." };
  const reviews = createPublicClient(stack, ReviewService, { token: owner.token });
  const { review } = await reviews.createReview({ questionId: sharedQuestionId, content });
  return {
    post,
    hidden,
    intruderPostId,
    unusedUploadId: await member.upload(sharedQuestionId, pdf()),
    reviewId: present(review).reviewId,
    notificationId: await until(
      async () => (await news.listNotifications({})).notifications[0]?.notificationId,
      "the owner is told of the comment",
    ),
  };
}
