import type { Language } from "#kit/contract/failure-status.ts";
import type { StatementEntry } from "./db/statements.ts";
import { printCsv } from "./domain/csv.ts";
import { koreanTimeText } from "./domain/korean-time.ts";
import type { TransferType, UserAccount } from "./domain/ledger.ts";

interface Words {
  readonly columns: readonly string[];
  readonly types: Readonly<Record<TransferType, string>>;
  readonly accounts: Readonly<Record<UserAccount, string>>;
}

const words: Readonly<Record<Language, Words>> = {
  ko: {
    columns: ["일시 (한국 시간)", "구분", "계정", "증감", "잔액", "참조 번호"],
    types: { CHARGE: "충전", HOLD: "구매 예약", RELEASE: "예약 취소", SPEND: "사용", ADJUSTMENT: "조정" },
    accounts: { PAID: "유료", BONUS: "보너스", HELD: "예약 중" },
  },
  en: {
    columns: ["Time (Korea)", "Type", "Account", "Change", "Balance", "Reference"],
    types: { CHARGE: "charge", HOLD: "hold", RELEASE: "release", SPEND: "spend", ADJUSTMENT: "adjustment" },
    accounts: { PAID: "paid", BONUS: "bonus", HELD: "held" },
  },
};

/** A part of the file of a statement; the first names the columns. */
export function printStatement(
  entries: readonly StatementEntry[],
  { language, isFirst }: { language: Language; isFirst: boolean },
): string {
  const { columns, types, accounts } = words[language];
  const rows = entries.map(entry => [
    koreanTimeText(entry.createTime),
    types[entry.type],
    accounts[entry.account],
    entry.deltaPoints,
    entry.balancePoints,
    entry.reference,
  ]);
  return printCsv(isFirst ? [columns, ...rows] : rows, { isFirst });
}
