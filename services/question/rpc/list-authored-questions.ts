import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { toEditable } from "../answers.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { listAuthored } from "../store/authored.ts";

export function listAuthoredQuestions({
  database,
  pageTokens,
  files,
}: Dependencies): Handler<typeof CatalogService.method.listAuthoredQuestions> {
  return async request => {
    const list = ["authored", request.creatorId];
    const pageSize = pageSizeOf(request.pageSize);
    const [before] = pageTokens.decode(list, request.pageToken) ?? [];
    const beforeId = before === undefined ? undefined : BigInt(before);
    const found = await listAuthored(database, request.creatorId, beforeId, pageSize + 1);
    const { rows, nextPageToken } = toPage(found, pageSize, last =>
      pageTokens.encode(list, [last.questionId.toString()]),
    );
    return { questions: await Promise.all(rows.map(row => toEditable(row, files))), nextPageToken };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "pageTokens" | "files">;
