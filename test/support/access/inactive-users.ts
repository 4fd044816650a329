import { randomUUID } from "node:crypto";
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { SocialAccountService, SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { methodName } from "#kit/contract/policy.ts";
import { type Market, purchaseRequest } from "../market/market.ts";
import { present } from "../market/questions.ts";
import type { SocialSuite } from "../market/social.ts";
import { password } from "../market/user-suite.ts";
import { createPublicClient } from "../rpc/clients.ts";

/**
 * Requests of one user that are answered while the user is active, by the name of the method; one for each entry point
 * where a request can be used only once.
 */
export type Requests = ReadonlyMap<string, readonly Message[]>;

/** Prepares a call of every method that reads the status of its caller afresh. */
export async function requestsOf(
  { stack, questionIds }: Market,
  social: SocialSuite,
  { token }: { token: string },
): Promise<Requests> {
  const points = createPublicClient(stack, PointService, { token });
  const { charge } = await points.createCharge({ requestId: randomUUID(), package: ChargePackage.A });
  const { chargeId, amountPoints } = present(charge);
  const google = { provider: SocialProvider.GOOGLE, password };
  await social.link(await social.addPerson("kakao"), token);
  const person = await social.addPerson("google");
  const agree = async () => social.agree(person, await social.social(token).startSocialLink(google));
  const callbacks = [await agree(), await agree(), await agree()];
  const newEmail = `${randomUUID()}@example.com`;
  const content = {
    name: `출제자 ${randomUUID().slice(0, 18)}`,
    mainSubject: Subject.PHYSICS,
    introduction: "소개",
  };
  const [account, socials] = [AccountService.method, SocialAccountService.method];
  return new Map([
    request(account.changePassword, { currentPassword: password, newPassword: "another-horse-2" }),
    request(account.requestConfirmation, {}),
    request(account.requestEmailChange, { newEmail, password }),
    request(account.withdraw, { password, waivePoints: true }),
    request(socials.startSocialLink, google),
    request(socials.linkSocialAccount, ...callbacks.map(callback => ({ callback }))),
    request(socials.unlinkSocialAccount, { provider: SocialProvider.KAKAO }),
    request(CreatorService.method.registerCreator, { content }),
    request(PointService.method.createCharge, { requestId: randomUUID(), package: ChargePackage.A }),
    request(PointService.method.confirmCharge, { chargeId, amountPoints, paymentKey: "unknown" }),
    request(PaymentService.method.purchaseQuestions, purchaseRequest(questionIds)),
  ]);
}

function request<I extends DescMessage>(
  method: DescMethodUnary<I>,
  ...inits: MessageInitShape<I>[]
): readonly [string, Message[]] {
  return [methodName(method), inits.map(init => create(method.input, init))];
}

const boards = "what is written is shown under the user's name, and moderated";
const erased = "erased when UserWithdrawn is published again, after the last access token";
const takesAway = "only takes away what is the user's own";
const selling = "a creator who is withdrawn sells nothing; one who is banned is moderated";

/** Methods that write and trust the access token for the minutes that it lasts, and why that is enough. */
export const trustsToken: Readonly<Record<string, string>> = {
  "AccountService.ConfirmEmailChange": "its token ends with the account",
  "AuthService.RevokeSession": takesAway,
  "AuthoringService.AcceptUpload": selling,
  "AuthoringService.CreateQuestion": selling,
  "AuthoringService.CreateUpload": selling,
  "AuthoringService.DeleteQuestion": takesAway,
  "AuthoringService.PublishQuestion": selling,
  "AuthoringService.UnpublishQuestion": takesAway,
  "AuthoringService.UpdateQuestion": selling,
  "CartService.AddToCart": erased,
  "CartService.MergeCart": erased,
  "CartService.RemoveFromCart": takesAway,
  "CommentService.CreateComment": boards,
  "CommentService.DeleteComment": takesAway,
  "CommentService.ReportComment": erased,
  "CommentService.UpdateComment": boards,
  "CouponService.RegisterCoupon": "a coupon is worth nothing without a purchase",
  "CreatorService.UpdateOwnCreator": selling,
  "LibraryService.CreateDownloadLink": "buyers keep what they bought",
  "NotificationService.MarkNotificationsRead": takesAway,
  "NotificationService.UpdateNotificationPreferences": erased,
  "PointService.CancelCharge": takesAway,
  "PointService.CreateWithdrawalClearance": "a clearance is worth nothing without a withdrawal",
  "PostService.CreateFileLink": "buyers keep what they bought",
  "PostService.CreatePost": boards,
  "PostService.CreateUpload": boards,
  "PostService.DeletePost": takesAway,
  "PostService.PinPost": selling,
  "PostService.ReportPost": erased,
  "PostService.UpdatePost": boards,
  "ProfileService.UpdateProfile": "changes the row of an account that is there",
  "PromotionService.CreatePromotion": selling,
  "PromotionService.EndPromotion": takesAway,
  "ReviewReplyService.DeleteReviewReply": takesAway,
  "ReviewReplyService.PutReviewReply": selling,
  "ReviewService.CreateReview": boards,
  "ReviewService.DeleteReview": takesAway,
  "ReviewService.MarkReviewHelpful": boards,
  "ReviewService.ReportReview": erased,
  "ReviewService.UpdateReview": boards,
  "SubscriptionService.Subscribe": erased,
  "SubscriptionService.Unsubscribe": takesAway,
};
