import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { PaymentService, PurchaseState, type Quote } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { lineDiscountPoints, type PairOf, purchaseDiscountPercent } from "./couponing.ts";
import { type Shelf, salePricePoints } from "./selling.ts";
import type { Person } from "./signing-up.ts";
import { must, mustRefuse, type Stage } from "./stage.ts";
import { waitFor } from "./wait.ts";

/** The price of the first line, that of the second with its coupon, and the amount to pay. */
const firstLinePoints = salePricePoints;
const secondLinePoints = 2500n - lineDiscountPoints;
const linesPoints = firstLinePoints + secondLinePoints;
export const paidPoints = linesPoints - (linesPoints * purchaseDiscountPercent) / 100n;

/** Gets a quote and buys at that price, once even if the call is repeated. Returns the id of the purchase. */
export async function buyQuestions(
  stage: Stage,
  buyer: Person,
  [first, second]: Shelf,
  coupons: PairOf<bigint>,
): Promise<string> {
  const payments = stage.api.client(PaymentService, buyer.token);
  const library = stage.api.client(LibraryService, buyer.token);
  await mustRefuse("NOT_OWNED_QUESTION", library.createDownloadLink({ questionId: first.questionId }));

  const basket = {
    lines: [{ questionId: first.questionId }, { questionId: second.questionId, userCouponId: coupons.line }],
    purchaseUserCouponId: coupons.purchase,
  };
  const { quote } = await payments.quotePurchase({ basket });
  checkQuote(must(quote, "the quote"), [first, second]);

  const request = { requestId: randomUUID(), basket, expectedAmountPoints: paidPoints };
  await mustRefuse("CONSENT_REQUIRED", payments.purchaseQuestions(request));
  const bought = await payments.purchaseQuestions({ ...request, consentToImmediateUse: true });
  const { purchaseId } = must(bought.purchase, "the purchase");
  await waitFor("the payment of the purchase", async () => {
    const by = { case: "purchaseId", value: purchaseId } as const;
    const { purchase } = await stage.quietApi.client(PaymentService, buyer.token).getPurchase({ by });
    return purchase?.state === PurchaseState.PENDING ? undefined : purchase;
  });

  const again = await payments.purchaseQuestions({ ...request, consentToImmediateUse: true });
  assert.equal(again.purchase?.purchaseId, purchaseId, "the same request is the same purchase");
  assert.equal(again.purchase?.state, PurchaseState.PAID, "the purchase is paid");
  checkQuote(must(again.purchase?.quote, "the quote of the purchase"), [first, second]);
  return purchaseId;
}

/** Requires that prices and titles are those at the time of the purchase. */
export function checkQuote(quote: Quote, [first, second]: Shelf): void {
  assert.deepEqual(
    quote.lines.map(line => [line.title, line.originalPoints, line.amountPoints]),
    [
      [first.title, first.pricePoints, firstLinePoints],
      [second.title, second.pricePoints, secondLinePoints],
    ],
    "the lines have their titles, list prices and prices",
  );
  assert.deepEqual(
    quote.discounts.map(({ discountPoints }) => discountPoints).toSorted(),
    [lineDiscountPoints, linesPoints - paidPoints].toSorted(),
    "each coupon gives its discount",
  );
  assert.equal(quote.originalPoints, first.pricePoints + second.pricePoints, "the sum of the list prices");
  assert.equal(quote.amountPoints, paidPoints, "the amount to pay");
}

/** Finds both questions in the library and downloads the first; its file must be the one that the creator uploaded. */
export async function openLibrary(stage: Stage, buyer: Person, shelf: Shelf): Promise<void> {
  const titles = shelf.map(({ title }) => title).toSorted();
  await waitFor("both questions in the library", async () => {
    const { questions } = await stage.quietApi.client(LibraryService, buyer.token).listOwnedQuestions({});
    return questions.length === shelf.length ? questions : undefined;
  });
  const library = stage.api.client(LibraryService, buyer.token);
  const { questions } = await library.listOwnedQuestions({});
  assert.deepEqual(questions.map(({ title }) => title).toSorted(), titles, "the library has both questions");

  const [{ questionId, file }] = shelf;
  const { url } = await library.createDownloadLink({ questionId });
  const answer = await fetch(url);
  assert.equal(answer.status, 200, "the file can be downloaded");
  const bytes = await answer.bytes();
  assert.deepEqual(bytes, file, "the file is the one that was uploaded");
  stage.narrator.say(`The download has ${bytes.length} bytes, SHA-256 ${digest(bytes)}, as uploaded`);

  const { question } = await stage.api.client(StoreService, buyer.token).getQuestion({ questionId });
  assert.equal(question?.owned, true, "the store says that the buyer owns it");
}

function digest(bytes: Uint8Array): string {
  return `${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}…`;
}
