/** One movement of money. Rows are only ever added. */
export interface LedgerRow {
  seq: number;
  kind: "capture" | "cancel";
  transactionKey: string;
  paymentKey: string;
  orderId: string;
  method: string;
  status: "DONE" | "CANCELED" | "PARTIAL_CANCELED";
  /** KRW, always positive. */
  amount: number;
  atMs: number;
}

export interface LedgerTotals {
  captures: number;
  captured: number;
  cancels: number;
  cancelled: number;
  /** Captured minus canceled, KRW. */
  net: number;
}

export interface Ledger {
  rows: readonly LedgerRow[];
  write(row: Omit<LedgerRow, "seq">): LedgerRow;
  restore(row: LedgerRow): void;
}

export function createLedger(): Ledger {
  const rows: LedgerRow[] = [];
  return {
    rows,
    write(row) {
      const written = { seq: rows.length + 1, ...row };
      rows.push(written);
      return written;
    },
    restore: row => void rows.push(row),
  };
}

export function sumRows(rows: readonly LedgerRow[]): LedgerTotals {
  const totals = { captures: 0, captured: 0, cancels: 0, cancelled: 0, net: 0 };
  for (const row of rows) {
    if (row.kind === "capture") {
      totals.captures += 1;
      totals.captured += row.amount;
    } else {
      totals.cancels += 1;
      totals.cancelled += row.amount;
    }
  }
  totals.net = totals.captured - totals.cancelled;
  return totals;
}
