import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { noBoardAccess, notFound } from "./failures.ts";

/**
 * The question whose board the caller may use: its creator, or a user who bought it, on sale or not. Throws
 * NO_BOARD_ACCESS, or NOT_FOUND for a question that the caller cannot see at all.
 */
export async function requireBoard(
  app: Pick<App, "entitlements">,
  questionId: bigint,
  context: WorkContext,
): Promise<QuestionAccess> {
  const access = await findBoard(app, questionId, context);
  if (access?.owned === true || access?.authored === true) {
    return access;
  }
  throw access?.onSale === true ? noBoardAccess(questionId) : notFound();
}

/** Like requireBoard, and for administrators, who read every board that they moderate. */
export async function requireReadableBoard(
  app: Pick<App, "entitlements" | "isAdministrator">,
  questionId: bigint,
  context: WorkContext,
): Promise<QuestionAccess> {
  const { caller } = context;
  const isAdministrator =
    caller.kind === "user" && caller.role === "ADMIN" && (await app.isAdministrator(context));
  const board = isAdministrator ? await findBoard(app, questionId, context) : undefined;
  return board ?? requireBoard(app, questionId, context);
}

async function findBoard(
  { entitlements }: Pick<App, "entitlements">,
  questionId: bigint,
  context: WorkContext,
): Promise<QuestionAccess | undefined> {
  const { questions } = await entitlements.checkQuestions({ questionIds: [questionId] }, context);
  return questions[0];
}
