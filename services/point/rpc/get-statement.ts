import type { StatementService } from "#gen/questioncloud/point/v1/statement_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findBalanceAt, listStatement } from "../db/statements.ts";
import { boundsOfMonth, koreanMonthOf } from "../domain/korean-time.ts";
import { toLedgerEntry, toWallet } from "../to-proto.ts";

export function getStatement({
  database,
  pageTokens,
}: Dependencies): Handler<typeof StatementService.method.getStatement> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const month = request.month || koreanMonthOf(Date.now());
    const { start, end } = boundsOfMonth(month);
    const list = ["statement", userId, month];
    const { rows, nextPageToken } = await pageTokens.readPage(list, request, page =>
      listStatement(database, userId, { start, end }, page),
    );
    return {
      opening: toWallet(await findBalanceAt(database, userId, start)),
      closing: toWallet(await findBalanceAt(database, userId, end)),
      entries: rows.map(toLedgerEntry),
      nextPageToken,
      month,
    };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
