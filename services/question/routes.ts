import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { CatalogService, EntitlementService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import {
  CategoryAdminService,
  LibraryService,
  StoreService,
} from "#gen/questioncloud/question/v1/question_pb.ts";
import { hear } from "#kit/consumer.ts";
import { route } from "#kit/route.ts";
import { purchaseCancelled } from "./consumers/purchase-cancelled.ts";
import { questionsPurchased } from "./consumers/questions-purchased.ts";
import type { QuestionFloor } from "./question-floor.ts";
import { addPromotion } from "./rpc/add-promotion.ts";
import { confirmEntitlements } from "./rpc/confirm-entitlements.ts";
import { createCategory } from "./rpc/create-category.ts";
import { createDownloadLink } from "./rpc/create-download-link.ts";
import { createDraft } from "./rpc/create-draft.ts";
import { deleteAuthoredQuestion } from "./rpc/delete-authored-question.ts";
import { finishUpload } from "./rpc/finish-upload.ts";
import { getAuthoredQuestion } from "./rpc/get-authored-question.ts";
import { getQuestion } from "./rpc/get-question.ts";
import { listAuthoredPromotions } from "./rpc/list-authored-promotions.ts";
import { listAuthoredQuestions } from "./rpc/list-authored-questions.ts";
import { listCategories } from "./rpc/list-categories.ts";
import { listOwnedQuestions } from "./rpc/list-owned-questions.ts";
import { listQuestions } from "./rpc/list-questions.ts";
import { publishDraft } from "./rpc/publish-draft.ts";
import { quoteQuestions } from "./rpc/quote-questions.ts";
import { releaseEntitlements } from "./rpc/release-entitlements.ts";
import { renameCategory } from "./rpc/rename-category.ts";
import { replaceContent } from "./rpc/replace-content.ts";
import { reserveEntitlements } from "./rpc/reserve-entitlements.ts";
import { startUpload } from "./rpc/start-upload.ts";
import { stopPromotion } from "./rpc/stop-promotion.ts";

export const services = [
  StoreService,
  LibraryService,
  CategoryAdminService,
  CatalogService,
  EntitlementService,
];

export const createRoutes = (floor: QuestionFloor) => [
  route(StoreService.method.listCategories, listCategories(floor)),
  route(StoreService.method.listQuestions, listQuestions(floor)),
  route(StoreService.method.getQuestion, getQuestion(floor)),
  route(LibraryService.method.listOwnedQuestions, listOwnedQuestions(floor)),
  route(LibraryService.method.createDownloadLink, createDownloadLink(floor)),
  route(CategoryAdminService.method.createCategory, createCategory(floor)),
  route(CategoryAdminService.method.renameCategory, renameCategory(floor)),
  route(CatalogService.method.quoteQuestions, quoteQuestions(floor)),
  route(CatalogService.method.listAuthoredQuestions, listAuthoredQuestions(floor)),
  route(CatalogService.method.getAuthoredQuestion, getAuthoredQuestion(floor)),
  route(CatalogService.method.createDraft, createDraft(floor)),
  route(CatalogService.method.replaceContent, replaceContent(floor)),
  route(CatalogService.method.startUpload, startUpload(floor)),
  route(CatalogService.method.finishUpload, finishUpload(floor)),
  route(CatalogService.method.publishDraft, publishDraft(floor)),
  route(CatalogService.method.deleteAuthoredQuestion, deleteAuthoredQuestion(floor)),
  route(CatalogService.method.addPromotion, addPromotion(floor)),
  route(CatalogService.method.stopPromotion, stopPromotion(floor)),
  route(CatalogService.method.listAuthoredPromotions, listAuthoredPromotions(floor)),
  route(EntitlementService.method.reserveEntitlements, reserveEntitlements(floor)),
  route(EntitlementService.method.confirmEntitlements, confirmEntitlements(floor)),
  route(EntitlementService.method.releaseEntitlements, releaseEntitlements(floor)),
];

export const hearings = [
  hear(QuestionsPurchasedSchema, questionsPurchased),
  hear(PurchaseCancelledSchema, purchaseCancelled),
];
