import type { PspTransaction } from "../psp.ts";
import type { TossClient } from "./http.ts";
import { tossTransactions, toTransaction } from "./payment.ts";

const rowsPerPage = 1_000;
const pagesMax = 1_000;
const pageBytesMax = 4 * 1024 * 1024;

/** Toss reads times without an offset as Korean time. @throws Error when a page is unavailable or malformed. */
export async function* listTossTransactions(call: TossClient, day: string): AsyncIterable<PspTransaction> {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) {
    throw new RangeError(`not a day: ${day}`);
  }
  const query = new URLSearchParams({
    startDate: `${day}T00:00:00.000`,
    endDate: `${day}T23:59:59.999`,
    limit: String(rowsPerPage),
  });
  for (let page = 0; page < pagesMax; page += 1) {
    const rows = await fetchPage(call, day, query);
    for (const row of rows) {
      const transaction = toTransaction(row);
      if (transaction !== undefined) {
        yield transaction;
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerPage) {
      return;
    }
    query.set("startingAfter", last.transactionKey);
  }
  throw new Error(`Toss lists more transactions for ${day} than ${pagesMax} pages hold`);
}

async function fetchPage(call: TossClient, day: string, query: URLSearchParams) {
  const path = `/v1/transactions?${query}`;
  const reply = await call({ method: "GET", path, shape: tossTransactions, maxReplyBytes: pageBytesMax });
  if (reply.kind === "body") {
    return reply.body;
  }
  const reason = reply.kind === "error" ? reply.code : `${reply.cause}, ${reply.detail}`;
  throw new Error(`Toss did not list the transactions of ${day}: ${reason}`);
}
