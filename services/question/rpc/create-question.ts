import { isDeepStrictEqual } from "node:util";
import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findAuthored, findByRequest, insertDraft } from "../db/authored.ts";
import { isWriting } from "../db/creators.ts";
import { findFirstContent } from "../db/versions.ts";
import type { AuthoredQuestion, Content } from "../domain/question.ts";
import { notCreator, notFound, requestIdReused } from "../failures.ts";
import { requireCategory } from "../require-category.ts";
import { requireCreator } from "../require-creator.ts";
import { fromContent, toEditableQuestion } from "../to-proto.ts";

export function createQuestion(app: Dependencies): Handler<typeof AuthoringService.method.createQuestion> {
  const { database, files } = app;
  return async ({ requestId, content: sent }, context) => {
    const creatorId = await requireCreator(app, context);
    const content = fromContent(sent);
    const question = await database.transaction(async tx => {
      // Else a draft could be added after the questions of one who withdraws were deleted.
      if (!(await isWriting(tx, creatorId))) {
        throw notCreator();
      }
      await requireCategory(tx, content);
      const questionId = await insertDraft(tx, { creatorId, requestId, content });
      return questionId === undefined
        ? findRepeated(tx, { creatorId, requestId }, content)
        : findAuthored(tx, { creatorId, questionId });
    });
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditableQuestion(question, files) };
  };
}

async function findRepeated(
  tx: Tx,
  request: { creatorId: bigint; requestId: string },
  content: Content,
): Promise<AuthoredQuestion | undefined> {
  const known = await findByRequest(tx, request);
  if (known !== undefined && !isDeepStrictEqual(await findFirstContent(tx, known.questionId), content)) {
    throw requestIdReused();
  }
  return known;
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files">;
