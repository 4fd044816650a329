import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import type { PostSummaryRow } from "./db/posts.ts";

/** The questions that posts are about, by id. */
export async function readQuestions(
  { entitlements }: Pick<App, "entitlements">,
  rows: readonly Pick<PostSummaryRow, "questionId">[],
  context: WorkContext,
): Promise<ReadonlyMap<bigint, QuestionAccess>> {
  const questionIds = [...new Set(rows.map(({ questionId }) => questionId))];
  if (questionIds.length === 0) {
    return new Map();
  }
  const { questions } = await entitlements.checkQuestions({ questionIds }, context);
  return new Map(questions.map(question => [question.questionId, question]));
}
