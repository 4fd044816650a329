import { create, toJson } from "@bufbuild/protobuf";
import { type LibraryService, QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import { userIdOf } from "#kit/context.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { toOwnedQuestion } from "../answers.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { listLibrary } from "../store/library.ts";

export function listOwnedQuestions({
  database,
  pageTokens,
  creatorNames,
  files,
}: Dependencies): Handler<typeof LibraryService.method.listOwnedQuestions> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { filter } = request;
    const list = ["library", userId, toJson(QuestionFilterSchema, filter ?? create(QuestionFilterSchema))];
    const pageSize = pageSizeOf(request.pageSize);
    const [ownKey, id] = pageTokens.decode(list, request.pageToken) ?? [];
    const after =
      ownKey === undefined || id === undefined ? undefined : { ownKey, entitlementId: BigInt(id) };
    const found = await listLibrary(database, userId, { filter, after, limit: pageSize + 1 });
    const { rows, nextPageToken } = toPage(found, pageSize, last =>
      pageTokens.encode(list, [last.ownKey, last.entitlementId.toString()]),
    );
    const creators = await creatorNames.find(
      rows.map(row => row.creatorId),
      context,
    );
    return {
      questions: await Promise.all(rows.map(row => toOwnedQuestion(row, { files, creators }))),
      nextPageToken,
    };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "pageTokens" | "creatorNames" | "files">;
