import { randomUUID } from "node:crypto";
import type { EditableQuestion } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Author } from "../market/questions.ts";

/** The smallest valid request of a method, and why it is refused if it is. */
interface SampleCall {
  readonly as?: "user" | "admin";
  readonly request: object;
  readonly refused?: string;
}

/** What the sample calls are about. */
export interface SampleFacts {
  readonly author: Author;
  readonly draft: EditableQuestion;
}

const unknownId = "999999999";
const later = () => new Date(Date.now() + 3_600_000).toISOString();
const shortly = () => new Date(Date.now() + 60_000).toISOString();
const uniqueName = () => `이름 ${randomUUID().slice(0, 13)}`;

const user = (request: object, refused?: string): SampleCall => call({ as: "user", request }, refused);
const admin = (request: object, refused?: string): SampleCall => call({ as: "admin", request }, refused);
const anyone = (request: object, refused?: string): SampleCall => call({ request }, refused);
const call = (sample: SampleCall, refused: string | undefined): SampleCall =>
  refused === undefined ? sample : { ...sample, refused };

/** A call of every public method, by its name without `questioncloud.`. */
export function sampleCalls(facts: SampleFacts): Readonly<Record<string, SampleCall>> {
  return {
    ...userCalls(facts),
    ...creatorCalls(facts),
    ...questionCalls(facts),
    ...moneyCalls(),
    ...couponCalls(),
  };
}

function userCalls({ author }: SampleFacts): Record<string, SampleCall> {
  const password = "correct-horse-1";
  return {
    "user.v1.AccountService/ChangePassword": user(
      { currentPassword: "wrong-horse-1", newPassword: "another-horse-1" },
      "FAIL_LOGIN",
    ),
    "user.v1.AuthService/Login": anyone({ email: author.email, password: author.password }),
    "user.v1.AuthService/RefreshSession": anyone({ refreshToken: "unknown" }, "UNAUTHORIZED_TOKEN"),
    "user.v1.AuthService/Logout": anyone({ refreshToken: "unknown" }),
    "user.v1.AuthService/ListSessions": user({}),
    "user.v1.AuthService/RevokeSession": user({ sessionId: randomUUID() }, "NOT_FOUND"),
    "user.v1.ProfileService/GetProfile": user({}),
    "user.v1.ProfileService/UpdateProfile": user({ name: "출제자" }),
    "user.v1.RegistrationService/RegisterUser": anyone({
      email: `${randomUUID()}@example.com`,
      password,
      name: "수험생",
      phone: `010${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`,
    }),
    "user.v1.RegistrationService/ResendActivationMail": anyone({ registrationId: randomUUID() }),
    "user.v1.RegistrationService/ActivateUser": anyone(
      { token: "A".repeat(43), password: "no-password" },
      "NOT_FOUND",
    ),
    "user.v1.UserAdminService/FindUser": admin({ email: author.email }),
    "user.v1.UserAdminService/BanUser": admin({ userId: unknownId, reason: "시험" }, "NOT_FOUND"),
    "user.v1.UserAdminService/UnbanUser": admin({ userId: unknownId, reason: "시험" }, "NOT_FOUND"),
  };
}

function creatorCalls({ author }: SampleFacts): Record<string, SampleCall> {
  const content = { name: author.name, mainSubject: "SUBJECT_MATHEMATICS", introduction: "소개" };
  return {
    "creator.v1.CreatorService/RegisterCreator": user({ content }, "ALREADY_REGISTER_CREATOR"),
    "creator.v1.CreatorService/GetOwnCreator": user({}),
    "creator.v1.CreatorService/UpdateOwnCreator": user({ content }),
    "creator.v1.CreatorService/GetCreator": anyone({ creatorId: String(author.creatorId) }),
  };
}

function questionCalls({ draft }: SampleFacts): Record<string, SampleCall> {
  const questionId = String(draft.questionId);
  const content = {
    title: "지수와 로그",
    description: "설명",
    subject: "SUBJECT_MATHEMATICS",
    categoryId: "2",
    type: "QUESTION_TYPE_SELF_MADE",
    level: 3,
    pricePoints: "1000",
  };
  const file = { kind: "FILE_KIND_QUESTION", contentType: "application/pdf", sizeBytes: "1000" };
  const promotion = { title: "할인", salePricePoints: "500", endTime: later() };
  return {
    "question.v1.AuthoringService/ListOwnQuestions": user({}),
    "question.v1.AuthoringService/GetOwnQuestion": user({ questionId }),
    "question.v1.AuthoringService/CreateQuestion": user({ requestId: randomUUID(), content }),
    "question.v1.AuthoringService/UpdateQuestion": user(
      { questionId, version: 1_000_000, content },
      "EDIT_CONFLICT",
    ),
    "question.v1.AuthoringService/CreateUpload": user({ questionId, file }),
    "question.v1.AuthoringService/AcceptUpload": user({ questionId, uploadId: randomUUID() }, "NOT_FOUND"),
    "question.v1.AuthoringService/PublishQuestion": user({ questionId }, "QUESTION_NOT_READY"),
    "question.v1.AuthoringService/DeleteQuestion": user({ questionId: unknownId }, "NOT_FOUND"),
    "question.v1.CategoryAdminService/CreateCategory": admin({
      subject: "SUBJECT_MATHEMATICS",
      title: uniqueName(),
    }),
    "question.v1.CategoryAdminService/RenameCategory": admin(
      { categoryId: unknownId, title: uniqueName() },
      "NOT_FOUND",
    ),
    "question.v1.LibraryService/ListOwnedQuestions": user({}),
    "question.v1.LibraryService/CreateDownloadLink": user({ questionId }, "NOT_OWNED_QUESTION"),
    "question.v1.PromotionService/CreatePromotion": user(
      { questionId: unknownId, content: promotion },
      "NOT_FOUND",
    ),
    "question.v1.PromotionService/EndPromotion": user({ questionId, promotionId: unknownId }, "NOT_FOUND"),
    "question.v1.PromotionService/ListPromotions": user({ questionId }),
    "question.v1.StoreService/ListCategories": anyone({}),
    "question.v1.StoreService/ListQuestions": anyone({
      filter: { subjects: ["SUBJECT_MATHEMATICS"], minPricePoints: "1" },
    }),
    "question.v1.StoreService/GetQuestion": anyone({ questionId: unknownId }, "NOT_FOUND"),
  };
}

function moneyCalls(): Record<string, SampleCall> {
  const basket = { lines: [{ questionId: unknownId }] };
  const note = "시험";
  return {
    "pay.v1.PaymentService/QuotePurchase": user({ basket }, "UNAVAILABLE_QUESTION"),
    "pay.v1.PaymentService/PurchaseQuestions": user(
      { requestId: randomUUID(), basket, consentToImmediateUse: true },
      "UNAVAILABLE_QUESTION",
    ),
    "pay.v1.PaymentService/GetPurchase": user({ requestId: randomUUID() }, "NOT_FOUND"),
    "pay.v1.PaymentService/ListPurchases": user({ pageSize: 5 }),
    "point.v1.PointAdminService/AdjustPoints": admin(
      {
        requestId: randomUUID(),
        userId: unknownId,
        deltaPoints: "100",
        account: "LEDGER_ACCOUNT_BONUS",
        reason: note,
      },
      "NOT_FOUND",
    ),
    "point.v1.PointAdminService/ListDiscrepancies": admin({ includeResolved: true }),
    "point.v1.PointAdminService/ResolveDiscrepancy": admin({ discrepancyId: unknownId, note }, "NOT_FOUND"),
    "point.v1.PointAdminService/ListOpenCharges": admin({}),
    "point.v1.PointAdminService/CloseCharge": admin({ chargeId: randomUUID(), reason: note }, "NOT_FOUND"),
    "point.v1.PointService/GetWallet": user({}),
    "point.v1.PointService/ListLedgerEntries": user({}),
    "point.v1.PointService/CreateCharge": user({ requestId: randomUUID(), package: "CHARGE_PACKAGE_A" }),
    "point.v1.PointService/ConfirmCharge": user(
      { chargeId: randomUUID(), paymentKey: "unknown", amountPoints: "1000" },
      "NOT_FOUND",
    ),
    "point.v1.PointService/CancelCharge": user({ chargeId: randomUUID() }, "NOT_FOUND"),
    "point.v1.PointService/GetCharge": user({ chargeId: randomUUID() }, "NOT_FOUND"),
    "point.v1.PointService/ListCharges": user({ state: "CHARGE_STATE_CHARGED" }),
  };
}

function couponCalls(): Record<string, SampleCall> {
  const code = () => `T-${randomUUID().slice(0, 13).toUpperCase()}`;
  const terms = {
    title: "쿠폰",
    scope: "COUPON_SCOPE_LINE",
    kind: "DISCOUNT_KIND_PERCENT",
    value: "10",
  };
  return {
    "coupon.v1.CouponAdminService/CreateCoupon": admin({
      code: code(),
      terms,
      stockCount: "10",
      startTime: shortly(),
      endTime: later(),
    }),
    "coupon.v1.CouponAdminService/ListCoupons": admin({}),
    "coupon.v1.CouponAdminService/EndCoupon": admin({ couponId: unknownId, reason: "시험" }, "NOT_FOUND"),
    "coupon.v1.CouponService/RegisterCoupon": user({ code: code() }, "NOT_FOUND"),
    "coupon.v1.CouponService/ListUserCoupons": user({}),
  };
}
