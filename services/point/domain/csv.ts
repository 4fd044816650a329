type Cell = string | bigint;

const byteOrderMark = "\uFEFF";

/** Lines of a CSV file as in RFC 4180, with a byte order mark before the first, without which Excel reads no Korean. */
export function printCsv(rows: readonly (readonly Cell[])[], { isFirst }: { isFirst: boolean }): string {
  const lines = rows.map(row => `${row.map(printCell).join(",")}\r\n`);
  return `${isFirst ? byteOrderMark : ""}${lines.join("")}`;
}

/** Numbers as they are. Text that a spreadsheet would run as a formula gets an apostrophe, and is text again. */
function printCell(cell: Cell): string {
  if (typeof cell === "bigint") {
    return cell.toString();
  }
  const text = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
