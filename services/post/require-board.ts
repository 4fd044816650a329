import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { noBoardAccess, notFound } from "./failures.ts";

/**
 * The question whose board the caller may use: its creator, or a user who bought it, on sale or not. Throws
 * NO_BOARD_ACCESS, or NOT_FOUND for a question that the caller cannot see at all.
 */
export async function requireBoard(
  { entitlements }: Pick<App, "entitlements">,
  questionId: bigint,
  context: WorkContext,
): Promise<QuestionAccess> {
  const { questions } = await entitlements.checkQuestions({ questionIds: [questionId] }, context);
  const [access] = questions;
  if (access?.owned === true || access?.authored === true) {
    return access;
  }
  throw access?.onSale === true ? noBoardAccess(questionId) : notFound();
}
