import assert from "node:assert/strict";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { LedgerAccount, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { StatementService } from "#gen/questioncloud/point/v1/statement_pb.ts";
import { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { checkQuote, paidPoints } from "./buying.ts";
import { chargedPoints } from "./charging.ts";
import { waitForMail } from "./mailbox.ts";
import type { Shelf } from "./selling.ts";
import type { Person } from "./signing-up.ts";
import { must, type Stage } from "./stage.ts";
import { waitFor } from "./wait.ts";

/** Gives the first question another title and price. */
export async function changeQuestion({ api }: Stage, author: Person, [offer]: Shelf): Promise<void> {
  const { questionId } = offer;
  const authoring = api.client(AuthoringService, author.token);
  const { question } = await authoring.getOwnQuestion({ questionId });
  const { version, content } = must(question, "the question");
  const changed = {
    ...must(content, "its content"),
    title: "삼각함수의 대칭성 (개정판)",
    pricePoints: 9900n,
  };
  await authoring.updateQuestion({ questionId, version, content: changed });
  const now = await api.client(StoreService).getQuestion({ questionId });
  assert.equal(now.question?.title, changed.title, "the store shows the new title");
}

/** Finds the purchase in the history, with titles and prices as they were. */
export async function readHistory(
  { api, quietApi }: Stage,
  buyer: Person,
  shelf: Shelf,
  purchaseId: string,
): Promise<void> {
  await waitFor("the purchase in the history", async () => {
    const { purchases } = await quietApi.client(PaymentService, buyer.token).listPurchases({});
    return purchases.find(purchase => purchase.purchaseId === purchaseId);
  });
  const { purchases } = await api.client(PaymentService, buyer.token).listPurchases({});
  assert.equal(purchases.length, 1, "the buyer has bought once");
  assert.equal(purchases[0]?.purchaseId, purchaseId, "it is this purchase");
  checkQuote(must(purchases[0]?.quote, "what was bought"), shelf);
}

/** The wallet holds what was charged less what was paid, and the ledger explains every point of it. */
export async function checkWallet({ api, quietApi, narrator }: Stage, buyer: Person): Promise<void> {
  await waitFor("the end of the hold", async () => {
    const { wallet } = await quietApi.client(PointService, buyer.token).getWallet({});
    return wallet?.heldPoints === 0n ? wallet : undefined;
  });
  const points = api.client(PointService, buyer.token);
  const { wallet } = await points.getWallet({});
  assert.equal(wallet?.balancePoints, chargedPoints - paidPoints, "charged less paid");

  const { entries, nextPageToken } = await points.listLedgerEntries({ pageSize: 100 });
  assert.equal(nextPageToken, "", "the ledger fits on one page");
  const sumOf = (account: LedgerAccount) =>
    entries.filter(entry => entry.account === account).reduce((sum, entry) => sum + entry.deltaPoints, 0n);
  assert.equal(sumOf(LedgerAccount.PAID), wallet?.paidPoints, "the entries add up to the paid points");
  assert.equal(sumOf(LedgerAccount.BONUS), wallet?.bonusPoints, "the entries add up to the bonus points");
  assert.equal(sumOf(LedgerAccount.HELD), 0n, "what was held is spent");

  const statements = api.client(StatementService, buyer.token);
  const { month, opening, closing } = await statements.getStatement({ pageSize: 100 });
  assert.equal(opening?.balancePoints, 0n, "a new buyer had nothing");
  assert.deepEqual(closing, wallet, "the statement closes with what the wallet has");
  const { fileName } = await statements.exportStatement({ month });
  narrator.say(`The statement of ${month} can be saved as ${fileName}`);
  narrator.say(`${chargedPoints} charged − ${paidPoints} paid = ${wallet?.balancePoints}`);
}

/** Waits until the creator and both questions show their sales. */
export async function watchStatistics(
  { api, quietApi }: Stage,
  creatorId: bigint,
  shelf: Shelf,
): Promise<void> {
  await waitFor("the sales of creator and questions", async () => {
    const { creator } = await quietApi.client(CreatorService).getCreator({ creatorId });
    const store = quietApi.client(StoreService);
    const shown = await Promise.all(shelf.map(({ questionId }) => store.getQuestion({ questionId })));
    const counts = [creator?.statistics?.salesCount, ...shown.map(({ question }) => question?.salesCount)];
    return counts.join() === "2,1,1" ? counts : undefined;
  });
  const { creator } = await api.client(CreatorService).getCreator({ creatorId });
  assert.equal(creator?.statistics?.salesCount, 2n, "the creator has sold two questions");
  for (const { questionId } of shelf) {
    const { question } = await api.client(StoreService).getQuestion({ questionId });
    assert.equal(question?.salesCount, 1n, "each question is sold once");
  }
}

/** Waits for both receipts. */
export async function readReceipts({ mailUrl, narrator }: Stage, buyer: Person, shelf: Shelf): Promise<void> {
  const format = (points: bigint) => points.toLocaleString("ko-KR");
  const find = (what: string, ...words: string[]) =>
    waitForMail(mailUrl, buyer.email, what, ({ text }) => words.every(word => text.includes(word)));
  const charge = await find("the receipt of the charge", `${format(chargedPoints)}원`);
  narrator.say(`Mail: ${charge.subject}`);
  const titles = shelf.map(({ title }) => title);
  const purchase = await find("the receipt of the purchase", format(paidPoints), ...titles);
  narrator.say(`Mail: ${purchase.subject}`);
}
