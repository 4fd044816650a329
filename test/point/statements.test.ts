import type { Client } from "@connectrpc/connect";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { LedgerAccount, LedgerAccountSchema } from "#gen/questioncloud/point/v1/point_pb.ts";
import { StatementService } from "#gen/questioncloud/point/v1/statement_pb.ts";
import { koreanMonthOf } from "#services/point/domain/korean-time.ts";
import { untilDayLasts } from "../support/psp/korean-day.ts";
import { openPointSuite, type Payer, type PointSuite } from "../support/psp/point-suite.ts";
import { createPublicClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";

describe("a statement of points", () => {
  let suite: PointSuite;
  let payer: Payer;
  let statements: Client<typeof StatementService>;
  let month: string;

  const statementsOf = ({ token }: Payer, language = "ko") =>
    createPublicClient(suite.stack, StatementService, { token, headers: { "accept-language": language } });

  before(async () => {
    suite = await openPointSuite();
    await untilDayLasts();
    month = koreanMonthOf(Date.now());
    payer = await suite.payer();
    statements = statementsOf(payer);
    await suite.give(payer.userId, 1_000n);
    await suite.give(payer.userId, 300n, LedgerAccount.BONUS);
    // Long ago: the bonus and what came before it.
    for (const change of [
      "ledger_entry SET create_time = '2026-01-31 14:59:59.999999'",
      "month_opening SET start_time = '2025-12-31 15:00:00'",
      "wallet SET month_start = '2025-12-31 15:00:00'",
    ]) {
      await suite.sql.query(`UPDATE ${change} WHERE user_id = ?`, [payer.userId]);
    }
    const purchaseId = uuidv7();
    await suite.wallets.reservePoints({ purchaseId, amountPoints: 500n }, onBehalfOf(payer.userId));
    await suite.reservations.confirmReservation({ reservationId: purchaseId }, onBehalfOf(payer.userId));
  });
  after(() => suite?.close());

  it("has the balances at both ends of the Korean month, and each entry the balance after it", async () => {
    const answer = await statements.getStatement({});
    expect(answer.month).to.equal(month);
    expect(answer.opening).to.deep.include({ paidPoints: 1_000n, bonusPoints: 300n, balancePoints: 1_300n });
    const { wallet } = await payer.points.getWallet({});
    expect(answer.closing).to.deep.equal(wallet);
    expect(
      answer.entries.map(({ account, deltaPoints, balancePoints }) => [
        LedgerAccountSchema.value[account]?.localName,
        Number(deltaPoints),
        Number(balancePoints),
      ]),
    ).to.deep.equal([
      ["BONUS", -300, 0],
      ["HELD", 300, 300],
      ["PAID", -200, 800],
      ["HELD", 200, 500],
      ["HELD", -500, 0],
    ]);
  });

  it("shows the month of the last Korean second, months without entries, and those to come", async () => {
    const next = `${Number(month.slice(0, 4)) + 1}-01`;
    const january = await statements.getStatement({ month: "2026-01" });
    expect(january.opening?.balancePoints).to.equal(0n);
    expect(january.closing?.balancePoints).to.equal(1_300n);
    expect(january.entries).to.have.length(2);
    for (const [empty, balance] of [
      ["2025-12", 0n],
      ["2026-02", 1_300n],
      [next, 800n],
    ] as const) {
      const { opening, closing, entries } = await statements.getStatement({ month: empty });
      expect([opening?.balancePoints, closing?.balancePoints], empty).to.deep.equal([balance, balance]);
      expect(entries).to.deep.equal([]);
    }
  });

  it("comes in pages, whose tokens belong to one user, month and kind", async () => {
    const whole = await statements.getStatement({ month });
    const seen = [];
    let pageToken = "";
    do {
      const page = await statements.getStatement({ month, pageSize: 2, pageToken });
      seen.push(...page.entries);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).to.deep.equal(whole.entries);
    const { nextPageToken } = await statements.getStatement({ month, pageSize: 2 });
    const other = statementsOf(await suite.payer());
    for (const call of [
      other.getStatement({ month, pageToken: nextPageToken }),
      statements.getStatement({ month: "2026-01", pageToken: nextPageToken }),
      statements.exportStatement({ month, pageToken: nextPageToken }),
    ]) {
      expect((await refusalOf(call)).reason).to.equal("INVALID_PAGE_TOKEN");
    }
    expect((await refusalOf(statements.getStatement({ month: "2026-13" }))).reason).to.equal("BAD_REQUEST");
  });

  it("is exported as CSV that spreadsheets read, in the language of the caller", async () => {
    const file = await statements.exportStatement({ month: "2026-01" });
    expect(file).to.include({
      contentType: "text/csv; charset=utf-8",
      fileName: "points-2026-01.csv",
      nextPageToken: "",
    });
    const lines = file.content.split("\r\n");
    const { entries } = await statements.getStatement({ month: "2026-01" });
    expect(lines).to.deep.equal([
      "\uFEFF일시 (한국 시간),구분,계정,증감,잔액,참조 번호",
      `2026-01-31 23:59:59,조정,유료,1000,1000,${entries[0]?.reference}`,
      `2026-01-31 23:59:59,조정,보너스,300,300,${entries[1]?.reference}`,
      "",
    ]);
    const english = await statementsOf(payer, "en-US").exportStatement({ month });
    const [columns, first] = english.content.split("\r\n");
    expect(columns).to.equal("\uFEFFTime (Korea),Type,Account,Change,Balance,Reference");
    expect(first).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,hold,bonus,-300,0,[0-9a-f-]{36}$/);
  });
});
