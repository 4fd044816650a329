import { equals } from "@bufbuild/protobuf";
import { type QuestionContent, QuestionContentSchema } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Tx } from "#kit/database.ts";
import type { Handler } from "#kit/route.ts";
import { toEditable } from "../answers.ts";
import { requireContent } from "../content.ts";
import { notFound, requestIdReused } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { type AuthoredQuestion, findAuthored } from "../store/authored.ts";
import { findByRequest, insertDraft } from "../store/drafts.ts";

export function createDraft({
  database,
  files,
}: Dependencies): Handler<typeof CatalogService.method.createDraft> {
  return async ({ creatorId, requestId, content: sent }, context) => {
    const creatorUserId = userIdOf(context);
    const request = { creatorId, requestId: requestId.toLowerCase() };
    const question = await database.transaction(async tx => {
      const content = await requireContent(tx, sent);
      const questionId = await insertDraft(tx, { ...request, creatorUserId, content });
      return questionId === undefined
        ? repeated(tx, request, content)
        : findAuthored(tx, { creatorId, questionId });
    });
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditable(question, files) };
  };
}

async function repeated(
  tx: Tx,
  request: { creatorId: bigint; requestId: string },
  content: QuestionContent,
): Promise<AuthoredQuestion | undefined> {
  const known = await findByRequest(tx, request);
  if (known !== undefined && !equals(QuestionContentSchema, known.firstContent, content)) {
    throw requestIdReused();
  }
  return known?.question;
}

type Dependencies = Pick<QuestionFloor, "database" | "files">;
