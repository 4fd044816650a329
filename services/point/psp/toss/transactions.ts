import { createHash } from "node:crypto";
import * as z from "zod";
import type { PspTransaction, PspUnreadable } from "../psp.ts";
import type { TossClient } from "./http.ts";
import { tossStatus, tossTime } from "./payment.ts";

const rowsPerPage = 1_000;
const pagesMax = 1_000;
const pageBytesMax = 4 * 1024 * 1024;

const transactionKey = z.string().min(1).max(200);
const orderId = z.string().regex(/^[\x21-\x7e]{1,64}$/);

const tossTransaction = z.object({
  transactionKey,
  paymentKey: z.string().min(1).max(200),
  orderId,
  status: tossStatus,
  transactionAt: tossTime,
  currency: z.literal("KRW"),
  amount: z.int(),
});

// Rows are read one by one: one that cannot be read must not hide the others.
const tossTransactions = z.array(z.unknown()).max(10_000);

/** Toss reads times without an offset as Korean time. @throws Error when a page is unavailable or malformed. */
export async function* listTossTransactions(
  call: TossClient,
  day: string,
): AsyncIterable<PspTransaction | PspUnreadable> {
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
    if (rows.length < rowsPerPage) {
      return;
    }
    const last = rows.map(keyOf).findLast(key => key !== undefined);
    if (last === undefined) {
      throw new Error(`Toss lists ${rowsPerPage} transactions for ${day} without a key`);
    }
    query.set("startingAfter", last);
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

const kinds = { DONE: "capture", CANCELED: "cancel", PARTIAL_CANCELED: "cancel" } as const;

/** Undefined for a row that moved no money, such as an issued virtual account. */
function toTransaction(value: unknown): PspTransaction | PspUnreadable | undefined {
  const row = tossTransaction.safeParse(value);
  if (!row.success) {
    return { kind: "unreadable", reference: referenceOf(value), detail: z.prettifyError(row.error) };
  }
  const { status, orderId: chargeId, transactionAt: at, amount, currency: _, ...keys } = row.data;
  const kind = status in kinds ? kinds[status as keyof typeof kinds] : undefined;
  return kind && { ...keys, chargeId, kind, amountPoints: BigInt(Math.abs(amount)), at };
}

function keyOf(value: unknown): string | undefined {
  return z.object({ transactionKey }).safeParse(value).data?.transactionKey;
}

function referenceOf(value: unknown): string {
  const named = z.object({ orderId }).safeParse(value).data?.orderId;
  return named ?? `row-${createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32)}`;
}
