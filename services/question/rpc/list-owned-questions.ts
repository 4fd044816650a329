import { create } from "@bufbuild/protobuf";
import type { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listLibrary } from "../db/library.ts";
import { toFilterKey, toOwnedQuestion } from "../to-proto.ts";

export function listOwnedQuestions({
  database,
  pageTokens,
  files,
}: Dependencies): Handler<typeof LibraryService.method.listOwnedQuestions> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { sort } = request;
    const filter = request.filter ?? create(QuestionFilterSchema);
    const list = ["library", userId, sort, toFilterKey(filter)];
    const { rows, nextPageToken } = await pageTokens.readPage(list, request, page =>
      listLibrary(database, { userId, filter, sort }, page),
    );
    const questions = await Promise.all(rows.map(row => toOwnedQuestion(row, files)));
    return { questions, nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "files">;
