import type { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { callerUserId } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { allowCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import type { App } from "../app.ts";
import { findOwnedIds } from "../db/entitlements.ts";
import { findStoreQuestion } from "../db/store-questions.ts";
import { notFound } from "../failures.ts";
import { toStoreDetail } from "../to-proto.ts";

export function getQuestion({
  database,
  files,
}: Dependencies): Handler<typeof StoreService.method.getQuestion> {
  return async ({ questionId }, context) => {
    const row = await findStoreQuestion(database, questionId);
    if (row === undefined) {
      throw notFound();
    }
    const owned = await findOwnedIds(database, callerUserId(context), [questionId]);
    allowCaching(context);
    return { question: await toStoreDetail(row, owned, files) };
  };
}

type Dependencies = Pick<App, "database" | "files">;
