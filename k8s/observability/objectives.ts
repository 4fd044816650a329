import type { DescMethod } from "@bufbuild/protobuf";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { LatencySeconds } from "#kit/process/metrics.ts";

/** What a user wants to do, the methods that it takes, and how well these must answer over `sloWindowDays`. */
export interface Journey {
  /** The value of the label `journey`. */
  readonly name: string;
  readonly title: string;
  readonly methods: readonly DescMethod[];
  /** The share of calls that must not fail by the server's fault; a refusal is an answer. */
  readonly availability: number;
  /** The share of answered calls that must take no longer than `seconds`. */
  readonly latency: { readonly share: number; readonly seconds: LatencySeconds };
}

/** The period of the error budgets. */
export const sloWindowDays = 30;

const { listQuestions, getQuestion, listCategories } = StoreService.method;
const { getWallet, createCharge, confirmCharge, getCharge } = PointService.method;
const { createQuestion, updateQuestion, createUpload, acceptUpload, publishQuestion } =
  AuthoringService.method;

/** The service level objectives: alerts, recording rules and dashboards are made from them. */
export const journeys: readonly Journey[] = [
  {
    name: "sign_in",
    title: "Sign in",
    methods: [
      AuthService.method.login,
      AuthService.method.refreshSession,
      SocialAccountService.method.startSocialLogin,
      SocialAccountService.method.completeSocialLogin,
    ],
    availability: 0.999,
    latency: { share: 0.99, seconds: 0.5 },
  },
  {
    name: "browse",
    title: "Browse",
    methods: [listQuestions, getQuestion, listCategories],
    availability: 0.999,
    latency: { share: 0.99, seconds: 0.25 },
  },
  {
    name: "charge",
    title: "Charge points",
    methods: [getWallet, createCharge, confirmCharge, getCharge],
    availability: 0.999,
    // The PSP is asked meanwhile.
    latency: { share: 0.95, seconds: 2.5 },
  },
  {
    name: "purchase",
    title: "Purchase",
    methods: [
      PaymentService.method.quotePurchase,
      PaymentService.method.purchaseQuestions,
      PaymentService.method.getPurchase,
    ],
    availability: 0.9995,
    latency: { share: 0.99, seconds: 0.5 },
  },
  {
    name: "download",
    title: "Download",
    methods: [LibraryService.method.listOwnedQuestions, LibraryService.method.createDownloadLink],
    availability: 0.999,
    latency: { share: 0.99, seconds: 0.25 },
  },
  {
    name: "publish",
    title: "Publish",
    methods: [createQuestion, updateQuestion, createUpload, acceptUpload, publishQuestion],
    availability: 0.995,
    // An accepted file is read from S3 and copied there.
    latency: { share: 0.95, seconds: 2.5 },
  },
];
