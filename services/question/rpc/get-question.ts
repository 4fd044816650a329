import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { StoreService } from "#gen/questioncloud/question/v1/question_pb.ts";
import { callerUserId } from "#kit/context.ts";
import type { Handler } from "#kit/route.ts";
import { toStoreQuestion } from "../answers.ts";
import { setCacheHeaders } from "../cache-headers.ts";
import { notFound } from "../failures.ts";
import { fileOf } from "../file-set.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findOwnedIds } from "../store/entitlements.ts";
import { findStoreQuestion } from "../store/store-questions.ts";

export function getQuestion({
  database,
  creatorNames,
  files,
}: Dependencies): Handler<typeof StoreService.method.getQuestion> {
  return async ({ questionId }, context) => {
    const row = await findStoreQuestion(database, questionId);
    if (row === undefined) {
      throw notFound();
    }
    const userId = callerUserId(context);
    const preview = fileOf(row.files, FileKind.PREVIEW);
    const [owned, creators, previewUrl] = await Promise.all([
      userId === undefined ? new Set<bigint>() : findOwnedIds(database, userId, [questionId]),
      creatorNames.find([row.creatorId], context),
      preview === undefined ? "" : files.showAddress(preview.key),
    ]);
    setCacheHeaders(context);
    const question = await toStoreQuestion(row, owned, { files, creators });
    return { question: { ...question, description: row.description, previewUrl } };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "creatorNames" | "files">;
