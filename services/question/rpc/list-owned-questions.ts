import type { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
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
    const { filter } = request;
    const list = ["library", userId, toFilterKey(filter)];
    const { rows, nextPageToken } = await pageTokens.readPage(list, request, page =>
      listLibrary(database, userId, filter, page),
    );
    const questions = await Promise.all(rows.map(row => toOwnedQuestion(row, files)));
    return { questions, nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "files">;
