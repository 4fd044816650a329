import { create } from "@bufbuild/protobuf";
import {
  type CheckQuestionsRequest,
  CheckQuestionsResponseSchema,
} from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type App, createApp } from "#services/review/app.ts";
import { config } from "#services/review/config.ts";

/**
 * Opens the review service without listeners on the environment of a component test. Every user owns every question;
 * `creatorOf` says whose it is.
 */
export function openReviewApp(env: Environment, creatorOf: (questionId: bigint) => bigint): Promise<App> {
  const entitlements: App["entitlements"] = {
    checkQuestions: async ({ questionIds = [] }) =>
      create(CheckQuestionsResponseSchema, {
        questions: (questionIds as CheckQuestionsRequest["questionIds"]).map(questionId => ({
          questionId,
          creatorId: creatorOf(questionId),
          onSale: true,
          owned: true,
        })),
      }),
  };
  return createApp(readConfig(env, config), { entitlements });
}
