import type { PgTransaction } from "./pg.ts";
import type { TossClient } from "./toss-http.ts";
import { tossTransactions, toTransaction } from "./toss-payment.ts";

const ROWS_PER_PAGE = 1_000;
const MAX_PAGES = 1_000;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** Toss reads times without an offset as Korean ones. @throws Error when a page cannot be had or believed. */
export async function* listTossTransactions(call: TossClient, day: string): AsyncIterable<PgTransaction> {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new RangeError(`not a day: ${day}`);
  const query = new URLSearchParams({
    startDate: `${day}T00:00:00.000`,
    endDate: `${day}T23:59:59.999`,
    limit: String(ROWS_PER_PAGE),
  });
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const rows = await fetchPage(call, day, query);
    for (const row of rows) {
      const transaction = toTransaction(row);
      if (transaction !== undefined) yield transaction;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_PER_PAGE) return;
    query.set("startingAfter", last.transactionKey);
  }
  throw new Error(`Toss lists more transactions for ${day} than ${MAX_PAGES} pages hold`);
}

async function fetchPage(call: TossClient, day: string, query: URLSearchParams) {
  const path = `/v1/transactions?${query}`;
  const reply = await call({ method: "GET", path, shape: tossTransactions, maxReplyBytes: MAX_PAGE_BYTES });
  if (reply.kind === "body") return reply.body;
  const reason = reply.kind === "error" ? reply.code : `${reply.cause}, ${reply.detail}`;
  throw new Error(`Toss did not list the transactions of ${day}: ${reason}`);
}
