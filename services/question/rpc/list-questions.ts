import { create, toJson } from "@bufbuild/protobuf";
import {
  type ListQuestionsRequest,
  QuestionFilterSchema,
  QuestionSort,
  type StoreService,
} from "#gen/questioncloud/question/v1/question_pb.ts";
import { callerUserId } from "#kit/context.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { toStoreQuestion } from "../answers.ts";
import { setCacheHeaders } from "../cache-headers.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findOwnedIds } from "../store/entitlements.ts";
import { listStoreQuestions } from "../store/store-questions.ts";

export function listQuestions({
  database,
  pageTokens,
  creatorNames,
  files,
}: Dependencies): Handler<typeof StoreService.method.listQuestions> {
  return async (request, context) => {
    const sort = request.sort === QuestionSort.UNSPECIFIED ? QuestionSort.POPULARITY : request.sort;
    const list = ["questions", sort, filterJson(request)];
    const pageSize = pageSizeOf(request.pageSize);
    const [sortKey, id] = pageTokens.decode(list, request.pageToken) ?? [];
    const after = sortKey === undefined || id === undefined ? undefined : { sortKey, questionId: BigInt(id) };
    const { filter } = request;
    const found = await listStoreQuestions(database, { filter, sort, after, limit: pageSize + 1 });
    const { rows, nextPageToken } = toPage(found, pageSize, last =>
      pageTokens.encode(list, [last.sortKey, last.questionId.toString()]),
    );
    const userId = callerUserId(context);
    const questionIds = rows.map(row => row.questionId);
    const [owned, creators] = await Promise.all([
      userId === undefined ? new Set<bigint>() : findOwnedIds(database, userId, questionIds),
      creatorNames.find(
        rows.map(row => row.creatorId),
        context,
      ),
    ]);
    setCacheHeaders(context);
    return {
      questions: await Promise.all(rows.map(row => toStoreQuestion(row, owned, { files, creators }))),
      nextPageToken,
    };
  };
}

function filterJson({ filter }: ListQuestionsRequest): unknown {
  return toJson(QuestionFilterSchema, filter ?? create(QuestionFilterSchema));
}

type Dependencies = Pick<QuestionFloor, "database" | "pageTokens" | "creatorNames" | "files">;
