import { timestampDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import {
  type Author,
  contentWith,
  present,
  publishQuestion,
  signUpAuthor,
} from "../support/market/questions.ts";
import { createPublicClient, onBehalfOf, reasonOf, refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe("promotions", () => {
  let stack: Stack;
  let author: Author;
  let other: Author;
  let buyer: Person;
  let buying: Buying;

  before(async () => {
    stack = await sharedStack();
    [author, other, buyer] = [await signUpAuthor(stack), await signUpAuthor(stack), await signUp(stack)];
    buying = await openBuying(stack);
  });
  after(() => buying?.close());

  const promote = (
    questionId: bigint,
    parts: { startMs?: number; endMs?: number; salePricePoints?: bigint } = {},
  ) => {
    const { startMs, endMs = Date.now() + hourMs, salePricePoints = 700n } = parts;
    const startTime = startMs === undefined ? {} : { startTime: timestampFromMs(startMs) };
    const content = { title: "할인", salePricePoints, endTime: timestampFromMs(endMs), ...startTime };
    return author.promotions.createPromotion({ questionId, content });
  };

  async function pricesOf(
    questionId: bigint,
  ): Promise<{ shown: bigint | undefined; charged: bigint | undefined }> {
    const { question } = await createPublicClient(stack, StoreService).getQuestion({ questionId });
    const { questions } = await buying.catalog.quoteQuestions(
      { questionIds: [questionId] },
      onBehalfOf(buyer.userId),
    );
    const shown = question?.promotion?.salePricePoints ?? question?.pricePoints;
    return { shown, charged: questions[0]?.offerPricePoints };
  }

  it("lower the price that is shown and the price that is charged, until they are ended", async () => {
    const { questionId } = await publishQuestion(author);
    const { promotion } = await promote(questionId);
    const { promotionId, title } = present(promotion);
    expect(await pricesOf(questionId)).to.deep.equal({ shown: 700n, charged: 700n });
    const { questions } = await buying.catalog.quoteQuestions(
      { questionIds: [questionId] },
      onBehalfOf(buyer.userId),
    );
    expect(questions[0]).to.include({ promotionId, promotionTitle: title, pricePoints: 1000n });
    const { promotion: ended } = await author.promotions.endPromotion({ questionId, promotionId });
    expect(timestampDate(present(ended?.endTime)).getTime()).to.be.at.most(Date.now() + 1000);
    expect(await pricesOf(questionId)).to.deep.equal({ shown: 1000n, charged: 1000n });
    const { promotion: again } = await author.promotions.endPromotion({ questionId, promotionId });
    expect(again).to.deep.equal(ended);
  });

  it("start at the requested time", async () => {
    const { questionId } = await publishQuestion(author);
    await promote(questionId, { startMs: Date.now() + hourMs, endMs: Date.now() + 2 * hourMs });
    expect(await pricesOf(questionId)).to.deep.equal({ shown: 1000n, charged: 1000n });
  });

  it("never overlap, even when they are created in parallel", async () => {
    const { questionId } = await publishQuestion(author);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => promote(questionId)));
    const lost = outcomes.filter(result => result.status === "rejected");
    expect(lost.map(({ reason }) => reasonOf(reason))).to.deep.equal(Array(9).fill("PROMOTION_CONFLICT"));
    const later = Date.now() + 2 * hourMs;
    const { promotion } = await promote(questionId, { startMs: later, endMs: later + hourMs });
    const { promotion: next } = await promote(questionId, {
      startMs: later + hourMs,
      endMs: later + 2 * hourMs,
    });
    const touching = await refusalOf(promote(questionId, { startMs: later - 1, endMs: later + 1 }));
    expect(touching).to.include({ reason: "PROMOTION_CONFLICT", code: "AlreadyExists" });
    await author.promotions.endPromotion({ questionId, promotionId: present(promotion).promotionId });
    await promote(questionId, { startMs: later, endMs: later + hourMs });
    const { promotions } = await author.promotions.listPromotions({ questionId });
    expect(promotions.length).to.equal(4);
    expect(promotions[0]).to.deep.equal(next);
  });

  it("are below the price, also after the price was lowered", async () => {
    const { questionId, version } = await publishQuestion(author);
    for (const salePricePoints of [1000n, 1001n]) {
      const refused = await refusalOf(promote(questionId, { salePricePoints }));
      expect(refused).to.include({ reason: "WRONG_PROMOTION_PRICE", code: "FailedPrecondition" });
    }
    const { promotion } = await promote(questionId, {
      startMs: Date.now() + hourMs,
      endMs: Date.now() + 2 * hourMs,
    });
    const lower = (pricePoints: bigint) =>
      author.authoring.updateQuestion({ questionId, version, content: contentWith({ pricePoints }) });
    expect((await refusalOf(lower(700n))).reason).to.equal("WRONG_PROMOTION_PRICE");
    await author.promotions.endPromotion({ questionId, promotionId: present(promotion).promotionId });
    expect((await lower(700n)).question?.version).to.equal(version + 1);
  });

  it("stay below the price when both change at once", async () => {
    const { questionId, version } = await publishQuestion(author);
    const content = contentWith({ pricePoints: 700n });
    const outcomes = await Promise.allSettled([
      promote(questionId),
      author.authoring.updateQuestion({ questionId, version, content }),
    ]);
    const lost = outcomes.filter(result => result.status === "rejected");
    expect(lost.map(({ reason }) => reasonOf(reason))).to.deep.equal(["WRONG_PROMOTION_PRICE"]);
  });

  it("are refused without a valid title, price and period", async () => {
    const { questionId } = await publishQuestion(author);
    const now = Date.now();
    const bad = [
      { endMs: now - 1 },
      { startMs: now + hourMs, endMs: now + hourMs },
      { endMs: now + 367 * dayMs },
      { salePricePoints: 99n },
    ];
    for (const parts of bad) {
      expect((await refusalOf(promote(questionId, parts))).reason).to.equal("BAD_REQUEST");
    }
    const { promotion } = await promote(questionId, { startMs: now - dayMs, endMs: now + 365 * dayMs });
    expect(timestampDate(present(promotion?.startTime)).getTime()).to.be.at.least(now - 5000);
  });

  it("belong to their creator", async () => {
    const { questionId } = await publishQuestion(author);
    const { questionId: otherId } = await publishQuestion(author);
    const { promotion } = await promote(questionId);
    const { promotionId } = present(promotion);
    const content = { title: "할인", salePricePoints: 500n, endTime: timestampFromMs(Date.now() + hourMs) };
    const attempts = [
      () => other.promotions.createPromotion({ questionId, content }),
      () => other.promotions.endPromotion({ questionId, promotionId }),
      () => other.promotions.listPromotions({ questionId }),
      () => author.promotions.endPromotion({ questionId: otherId, promotionId }),
    ];
    for (const attempt of attempts) {
      expect((await refusalOf(attempt())).reason).to.equal("NOT_FOUND");
    }
    expect(await pricesOf(questionId)).to.deep.equal({ shown: 700n, charged: 700n });
  });
});
