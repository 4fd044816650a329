import { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { CategoryAdminService } from "#gen/questioncloud/question/v1/category_admin_pb.ts";
import { CatalogService } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { implement } from "#kit/rpc/implement.ts";
import { serveReservations } from "#kit/rpc/serve-reservations.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { QuestionConfig } from "./config.ts";
import { entitlementReservations } from "./entitlement-reservations.ts";
import { deleteWithdrawn } from "./jobs/delete-withdrawn.ts";
import { acceptUpload } from "./rpc/accept-upload.ts";
import { approveQuestion } from "./rpc/approve-question.ts";
import { checkQuestions } from "./rpc/check-questions.ts";
import { createCategory } from "./rpc/create-category.ts";
import { createDownloadLink } from "./rpc/create-download-link.ts";
import { createPromotion } from "./rpc/create-promotion.ts";
import { createQuestion } from "./rpc/create-question.ts";
import { createUpload } from "./rpc/create-upload.ts";
import { deleteQuestion } from "./rpc/delete-question.ts";
import { endPromotion } from "./rpc/end-promotion.ts";
import { getModeratedQuestion } from "./rpc/get-moderated-question.ts";
import { getOwnQuestion } from "./rpc/get-own-question.ts";
import { getQuestion } from "./rpc/get-question.ts";
import { listCategories } from "./rpc/list-categories.ts";
import { listModeratedQuestions } from "./rpc/list-moderated-questions.ts";
import { listOffers } from "./rpc/list-offers.ts";
import { listOwnQuestions } from "./rpc/list-own-questions.ts";
import { listOwnedQuestions } from "./rpc/list-owned-questions.ts";
import { listPromotions } from "./rpc/list-promotions.ts";
import { listQuestions } from "./rpc/list-questions.ts";
import { publishQuestion } from "./rpc/publish-question.ts";
import { quoteQuestions } from "./rpc/quote-questions.ts";
import { rejectQuestion } from "./rpc/reject-question.ts";
import { renameCategory } from "./rpc/rename-category.ts";
import { reserveEntitlements } from "./rpc/reserve-entitlements.ts";
import { restoreQuestion } from "./rpc/restore-question.ts";
import { suspendQuestion } from "./rpc/suspend-question.ts";
import { unpublishQuestion } from "./rpc/unpublish-question.ts";
import { updateQuestion } from "./rpc/update-question.ts";
import { creatorChanged } from "./subscribers/creator-changed.ts";
import { purchaseCancelled } from "./subscribers/purchase-cancelled.ts";
import { questionsPurchased } from "./subscribers/questions-purchased.ts";
import { reviewChanged } from "./subscribers/review-changed.ts";

export { config } from "./config.ts";

/** Starts the question service. */
export async function start(config: QuestionConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(StoreService, {
        listCategories: listCategories(app),
        listQuestions: listQuestions(app),
        getQuestion: getQuestion(app),
      }),
      implement(LibraryService, {
        listOwnedQuestions: listOwnedQuestions(app),
        createDownloadLink: createDownloadLink(app),
      }),
      implement(AuthoringService, {
        listOwnQuestions: listOwnQuestions(app),
        getOwnQuestion: getOwnQuestion(app),
        createQuestion: createQuestion(app),
        updateQuestion: updateQuestion(app),
        createUpload: createUpload(app),
        acceptUpload: acceptUpload(app),
        publishQuestion: publishQuestion(app),
        unpublishQuestion: unpublishQuestion(app),
        deleteQuestion: deleteQuestion(app),
      }),
      implement(ModerationService, {
        listModeratedQuestions: listModeratedQuestions(app),
        getModeratedQuestion: getModeratedQuestion(app),
        approveQuestion: approveQuestion(app),
        rejectQuestion: rejectQuestion(app),
        suspendQuestion: suspendQuestion(app),
        restoreQuestion: restoreQuestion(app),
      }),
      implement(PromotionService, {
        createPromotion: createPromotion(app),
        endPromotion: endPromotion(app),
        listPromotions: listPromotions(app),
      }),
      implement(CategoryAdminService, {
        createCategory: createCategory(app),
        renameCategory: renameCategory(app),
      }),
      implement(CatalogService, { quoteQuestions: quoteQuestions(app), listOffers: listOffers(app) }),
      implement(EntitlementService, {
        reserveEntitlements: reserveEntitlements(app),
        checkQuestions: checkQuestions(app),
      }),
      serveReservations(app.database, entitlementReservations()),
    ],
    subscriptions: [
      subscribe(QuestionsPurchasedSchema, questionsPurchased),
      subscribe(PurchaseCancelledSchema, purchaseCancelled),
      subscribe(CreatorChangedSchema, creatorChanged),
      subscribe(ReviewChangedSchema, reviewChanged),
    ],
    jobs: [deleteWithdrawn(app)],
  });
}
