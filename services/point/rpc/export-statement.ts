import type { StatementService } from "#gen/questioncloud/point/v1/statement_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import { languageOf } from "#kit/contract/failure-status.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listStatement } from "../db/statements.ts";
import { boundsOfMonth, koreanMonthOf } from "../domain/korean-time.ts";
import { printStatement } from "../statement-file.ts";

/** Some 600 KB, so that every client takes a part in one message. */
const partRows = 5_000;

export function exportStatement({
  database,
  pageTokens,
}: Dependencies): Handler<typeof StatementService.method.exportStatement> {
  return async ({ month: asked, pageToken }, context) => {
    const userId = userIdOf(context);
    const month = asked || koreanMonthOf(Date.now());
    const list = ["statement-file", userId, month];
    const { rows, nextPageToken } = await pageTokens.readPage(list, { pageSize: 0, pageToken }, ({ after }) =>
      listStatement(database, userId, boundsOfMonth(month), { after, limit: partRows }),
    );
    const language = languageOf(context.requestHeaders.get("accept-language"));
    return {
      content: printStatement(rows, { language, isFirst: pageToken === "" }),
      contentType: "text/csv; charset=utf-8",
      fileName: `points-${month}.csv`,
      nextPageToken,
    };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
