/** One movement of money, as the gateway saw it. Rows are only ever added. */
export interface BookRow {
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

export interface BookTotals {
  captures: number;
  captured: number;
  cancels: number;
  cancelled: number;
  /** Captured less cancelled, KRW. */
  net: number;
}

export interface Books {
  rows: readonly BookRow[];
  write(row: Omit<BookRow, "seq">): BookRow;
  restore(row: BookRow): void;
}

export function createBooks(): Books {
  const rows: BookRow[] = [];
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

export function sumRows(rows: readonly BookRow[]): BookTotals {
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
