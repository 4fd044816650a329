import { v7 as uuidv7 } from "uuid";
import type { Database } from "#kit/data/database.ts";
import { listEntries, post } from "#services/point/db/ledger.ts";
import { listStatement } from "#services/point/db/statements.ts";
import { boundsOfMonth, koreanMonthOf } from "#services/point/domain/korean-time.ts";
import { type Growth, heavyUser, keysAt90, pageSize, timeOfRow, userOfRow } from "./work.ts";

const otherUser = 11n;

/** Ledger entries of charges; changes of points, and pages of the ledger. */
export function points(entries: number): Growth {
  const values = {
    type: "'CHARGE'",
    account: "'PAID'",
    counter_account: "'PSP_CLEARING'",
    user_id: userOfRow,
    delta_points: "1",
    create_time: timeOfRow(entries),
  };
  const month = boundsOfMonth(koreanMonthOf(Date.now()));
  const first = { after: undefined, limit: pageSize };
  return {
    service: "point",
    loads: [{ table: "ledger_entry", rows: entries, values }],
    prepare: database =>
      database.execute("INSERT IGNORE INTO wallet (user_id, paid_points) VALUES (?, 1000000), (?, 1000000)", [
        heavyUser,
        otherUser,
      ]),
    works: [
      { name: "change of points", times: 300, run: database => change(database, heavyUser) },
      { name: "change of another's points", times: 300, run: database => change(database, otherUser) },
      { name: "page of the ledger", times: 300, run: database => listEntries(database, heavyUser, first) },
      { name: "page of it at 90 %", times: 300, run: deepPage },
      {
        name: "page of a statement",
        times: 300,
        run: database => listStatement(database, heavyUser, month, first),
      },
    ],
  };
}

function change(database: Database, userId: bigint): Promise<unknown> {
  return database.transaction(async tx => {
    const transfers = [{ from: "PAID", to: "HELD", amountPoints: 1n }] as const;
    if (!(await post(tx, { type: "HOLD", reference: uuidv7(), userId, transfers }))) {
      throw new Error("too few points");
    }
  });
}

async function deepPage(database: Database): Promise<unknown> {
  const after = await keysAt90(database, "ledger_entry", ["create_time", "entry_id"]);
  return listEntries(database, heavyUser, { after, limit: pageSize });
}
