import { CreatorService, WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/mesh_pb.ts";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { hear } from "#kit/consumer.ts";
import { route } from "#kit/route.ts";
import { questionsPurchased } from "./consumers/questions-purchased.ts";
import type { CreatorFloor } from "./creator-floor.ts";
import { acceptUpload } from "./rpc/accept-upload.ts";
import { batchGetCreators } from "./rpc/batch-get-creators.ts";
import { createPromotion } from "./rpc/create-promotion.ts";
import { createQuestion } from "./rpc/create-question.ts";
import { createUpload } from "./rpc/create-upload.ts";
import { deleteQuestion } from "./rpc/delete-question.ts";
import { endPromotion } from "./rpc/end-promotion.ts";
import { getCreator } from "./rpc/get-creator.ts";
import { getOwnCreator } from "./rpc/get-own-creator.ts";
import { getOwnQuestion } from "./rpc/get-own-question.ts";
import { listOwnQuestions } from "./rpc/list-own-questions.ts";
import { listPromotions } from "./rpc/list-promotions.ts";
import { publishQuestion } from "./rpc/publish-question.ts";
import { registerCreator } from "./rpc/register-creator.ts";
import { updateOwnCreator } from "./rpc/update-own-creator.ts";
import { updateQuestion } from "./rpc/update-question.ts";

export const services = [CreatorService, WorkspaceService, CreatorDirectoryService];

export const createRoutes = (floor: CreatorFloor) => [
  route(CreatorService.method.registerCreator, registerCreator(floor)),
  route(CreatorService.method.getCreator, getCreator(floor)),
  route(WorkspaceService.method.getOwnCreator, getOwnCreator(floor)),
  route(WorkspaceService.method.updateOwnCreator, updateOwnCreator(floor)),
  route(WorkspaceService.method.listOwnQuestions, listOwnQuestions(floor)),
  route(WorkspaceService.method.getOwnQuestion, getOwnQuestion(floor)),
  route(WorkspaceService.method.createQuestion, createQuestion(floor)),
  route(WorkspaceService.method.updateQuestion, updateQuestion(floor)),
  route(WorkspaceService.method.createUpload, createUpload(floor)),
  route(WorkspaceService.method.acceptUpload, acceptUpload(floor)),
  route(WorkspaceService.method.publishQuestion, publishQuestion(floor)),
  route(WorkspaceService.method.deleteQuestion, deleteQuestion(floor)),
  route(WorkspaceService.method.createPromotion, createPromotion(floor)),
  route(WorkspaceService.method.endPromotion, endPromotion(floor)),
  route(WorkspaceService.method.listPromotions, listPromotions(floor)),
  route(CreatorDirectoryService.method.batchGetCreators, batchGetCreators(floor)),
];

export const hearings = [hear(QuestionsPurchasedSchema, questionsPurchased)];
