import { PspFailure } from "./failures.ts";
import type { LedgerRow } from "./ledger.ts";
import { koreanTime } from "./payment.ts";

const defaultLimit = 100;
const maxLimit = 5_000;

/** `GET /v1/transactions`: one row per capture and per cancel, oldest first, a cancel with a negative amount. */
export function listTransactions(
  rows: readonly LedgerRow[],
  url: URL,
  changesOf: (orderId: string) => object,
) {
  const fromMs = parseKoreanTime(url.searchParams.get("startDate"), "start");
  const toMs = parseKoreanTime(url.searchParams.get("endDate"), "end");
  const limit = Number(url.searchParams.get("limit") ?? defaultLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new PspFailure("INVALID_REQUEST");
  }
  const startingAfter = url.searchParams.get("startingAfter");
  const after = startingAfter === null ? -1 : rows.findIndex(row => row.transactionKey === startingAfter);
  if (startingAfter !== null && after < 0) {
    throw new PspFailure("INVALID_TRANSACTION_KEY");
  }
  return rows
    .slice(after + 1)
    .filter(row => row.atMs >= fromMs && row.atMs < toMs)
    .slice(0, limit)
    .map(row => ({ ...toTransaction(row), ...changesOf(row.orderId) }));
}

function toTransaction(row: LedgerRow) {
  return {
    mId: "questioncloud",
    transactionKey: row.transactionKey,
    paymentKey: row.paymentKey,
    orderId: row.orderId,
    method: row.method,
    customerKey: null,
    useEscrow: false,
    receiptUrl: null,
    status: row.status,
    transactionAt: koreanTime(row.atMs),
    currency: "KRW",
    amount: row.kind === "capture" ? row.amount : -row.amount,
  };
}

/** Times are Korean unless they carry an offset. An end covers the whole day, second or millisecond that it names. */
function parseKoreanTime(text: string | null, side: "start" | "end"): number {
  const match = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)?)?$/.exec(text ?? "");
  if (text === null || match === null) {
    throw new PspFailure("INVALID_REQUEST");
  }
  const [, time, fraction, offset] = match;
  const atMs = Date.parse(
    `${time === undefined ? `${text}T00:00:00` : text}${offset === undefined ? "+09:00" : ""}`,
  );
  if (Number.isNaN(atMs)) {
    throw new PspFailure("INVALID_REQUEST");
  }
  if (side === "start") {
    return atMs;
  }
  if (time === undefined) {
    return atMs + 86_400_000;
  }
  return atMs + (fraction === undefined ? 1_000 : 1);
}
