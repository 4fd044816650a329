import { create } from "@bufbuild/protobuf";
import { QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionSort, type StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { callerUserId } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { allowCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import type { App } from "../app.ts";
import { findOwnedIds } from "../db/entitlements.ts";
import { findStoreQuestions } from "../db/store-questions.ts";
import { toFilterKey, toStoreQuestion } from "../to-proto.ts";

export function listQuestions({
  database,
  pageTokens,
  files,
  search,
}: Dependencies): Handler<typeof StoreService.method.listQuestions> {
  return async (request, context) => {
    const filter = request.filter ?? create(QuestionFilterSchema);
    const sort = request.sort === QuestionSort.UNSPECIFIED ? QuestionSort.POPULARITY : request.sort;
    const list = ["questions", sort, toFilterKey(filter)];
    const { rows: questionIds, nextPageToken } = await pageTokens.readPage(list, request, page =>
      search.findPage({ filter, sort }, page),
    );
    const rows = await findStoreQuestions(database, questionIds);
    const owned = await findOwnedIds(database, callerUserId(context), questionIds);
    allowCaching(context);
    return {
      questions: await Promise.all(rows.map(row => toStoreQuestion(row, owned, files))),
      nextPageToken,
    };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "files" | "search">;
