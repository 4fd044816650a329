import { randomUUID } from "node:crypto";
import type { Client } from "@connectrpc/connect";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { type Cart, CartService, MergeOutcome } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { Availability } from "#gen/questioncloud/question/v1/question_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { type Buyer, createMarket, type Market, purchaseRequest } from "../support/market/market.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { present, writeDraft } from "../support/market/questions.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { createTokenUsers } from "../support/rpc/tokens.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const unknownId = 2n ** 60n;
const capacity = 50;

describe("a cart", () => {
  let stack: Stack;
  let market: Market;
  let ids: readonly bigint[];

  before(async () => {
    stack = await sharedStack();
    market = await createMarket(stack, { questionCount: 4 });
    ids = market.questionIds;
  });

  const cartOf = ({ token }: { token: string }) => createPublicClient(stack, CartService, { token });
  const newUser = async () => {
    const [user] = await createTokenUsers(stack, 1);
    return present(user);
  };
  const read = async (cart: Client<typeof CartService>): Promise<Cart> =>
    present((await cart.getCart({})).cart);
  const questionsIn = async (cart: Client<typeof CartService>) =>
    (await read(cart)).lines.map(({ questionId }) => questionId);
  const refusalFor = async (call: Promise<unknown>) => {
    const { reason, metadata } = await refusalOf(call);
    return [reason, metadata.question_id ?? metadata.limit];
  };
  const buy = async ({ pay }: Buyer, questionIds: readonly bigint[]) => {
    await pay.purchaseQuestions(purchaseRequest(questionIds));
  };

  it("is empty at first, and shows what was added, newest first, at the present price", async () => {
    const cart = cartOf(await newUser());
    expect(await read(cart)).to.deep.include({ lines: [], availableCount: 0, amountPoints: 0n });
    const promoted = await market.publishQuestion({ title: "할인 문제", pricePoints: 3000n });
    await cart.addToCart({ questionId: present(ids[0]) });
    await cart.addToCart({ questionId: promoted });
    await market.promote(promoted, 2000n);
    const { lines, ...totals } = await read(cart);
    expect(totals).to.deep.include({ availableCount: 2, originalPoints: 13_000n, amountPoints: 12_000n });
    const [newest, oldest] = lines;
    expect(newest).to.deep.include({
      questionId: promoted,
      availability: Availability.AVAILABLE,
      title: "할인 문제",
      pricePoints: 3000n,
      offerPricePoints: 2000n,
      thumbnailUrl: "",
    });
    expect(newest?.promotion?.salePricePoints).to.equal(2000n);
    expect(newest?.creator).to.deep.include({
      creatorId: market.creator.creatorId,
      name: market.creator.name,
    });
    expect(oldest).to.deep.include({ questionId: ids[0], offerPricePoints: 10_000n });
    expect(oldest?.promotion).to.equal(undefined);
    expect(oldest?.addTime).not.to.equal(undefined);
  });

  it("refuses what is not on sale, already in it, owned, or the caller's own", async () => {
    const buyer = await market.createBuyer(20_000n);
    const cart = cartOf(buyer);
    const [owned = 0n, other = 0n] = ids;
    await buy(buyer, [owned]);
    await cart.addToCart({ questionId: other });
    const draft = await writeDraft(market.creator);
    for (const questionId of [unknownId, draft.questionId]) {
      const refused = await refusalFor(cart.addToCart({ questionId }));
      expect(refused).to.deep.equal(["UNAVAILABLE_QUESTION", String(questionId)]);
    }
    const again = await refusalFor(cart.addToCart({ questionId: other }));
    expect(again).to.deep.equal(["ALREADY_IN_CART", String(other)]);
    const bought = await refusalFor(cart.addToCart({ questionId: owned }));
    expect(bought).to.deep.equal(["ALREADY_OWN_QUESTION", String(owned)]);
    const own = await refusalFor(cartOf(market.creator).addToCart({ questionId: other }));
    expect(own).to.deep.equal(["OWN_QUESTION", String(other)]);
    expect(await questionsIn(cart)).to.deep.equal([other]);
  });

  it("shows a line that cannot be bought as such, and leaves it out of the totals", async () => {
    const buyer = await market.createBuyer(20_000n);
    const cart = cartOf(buyer);
    const gone = await market.publishQuestion({ title: "곧 삭제될 문제" });
    const [owned = 0n, other = 0n] = ids;
    await cart.mergeCart({ questionIds: [gone, other, owned] });
    await market.creator.authoring.deleteQuestion({ questionId: gone });
    await buy(buyer, [owned]);
    // The event would remove the line that is planted as well.
    await until(async () => !(await questionsIn(cart)).includes(owned), "what was bought has left the cart");
    await plantLines(buyer.userId, [owned, unknownId]);
    const { lines, ...totals } = await read(cart);
    expect(
      lines.map(({ questionId, availability, title }) => [questionId, availability, title]),
    ).to.deep.equal([
      [unknownId, Availability.UNAVAILABLE, ""],
      [owned, Availability.OWNED, lines[1]?.title],
      [other, Availability.AVAILABLE, lines[2]?.title],
      [gone, Availability.UNAVAILABLE, "곧 삭제될 문제"],
    ]);
    expect(totals).to.deep.include({ availableCount: 1, originalPoints: 10_000n, amountPoints: 10_000n });
    const refused = await refusalFor(cart.addToCart({ questionId: gone }));
    expect(refused).to.deep.equal(["UNAVAILABLE_QUESTION", String(gone)]);
  });

  it("costs what the purchase of its lines costs, and loses the lines that were bought", async () => {
    const buyer = await market.createBuyer(40_000n);
    const cart = cartOf(buyer);
    const [one = 0n, two = 0n, three = 0n] = ids;
    await cart.mergeCart({ questionIds: [three, one, two] });
    const first = await read(cart);
    const { quote } = await buyer.pay.quotePurchase(purchaseRequest([one, two, three]));
    expect(first.amountPoints).to.equal(quote?.amountPoints);
    await cart.removeFromCart({ questionIds: [three] });
    const { amountPoints: expectedAmountPoints } = await read(cart);
    await cart.addToCart({ questionId: three });
    await buyer.pay.purchaseQuestions(purchaseRequest([one, two], { expectedAmountPoints }));
    await until(async () => (await questionsIn(cart)).length === 1);
    expect(await questionsIn(cart)).to.deep.equal([three]);
  });

  it("loses bought lines once, however often the event arrives, and never those of others", async () => {
    const [user, other] = [await newUser(), await newUser()];
    const [one = 0n, two = 0n] = ids;
    for (const each of [user, other]) {
      await cartOf(each).mergeCart({ questionIds: [one, two] });
    }
    const times = { createTime: { seconds: 1n }, payTime: { seconds: 1n } };
    const event = {
      ...{ purchaseId: uuidv7(), userId: user.userId, requestId: randomUUID(), ...times },
      lines: [one, unknownId].map(questionId => ({ questionId })),
    };
    const eventId = randomUUID();
    await Promise.all(
      [1, 2, 3].map(() => deliverTo(stack, "cart", QuestionsPurchasedSchema, event, eventId)),
    );
    await until(async () => (await questionsIn(cartOf(user))).length === 1);
    expect(await questionsIn(cartOf(user))).to.deep.equal([two]);
    expect(await questionsIn(cartOf(other))).to.deep.equal([two, one]);
  });

  it("is gone when its user has withdrawn", async () => {
    const [user, other] = [await newUser(), await newUser()];
    const questionIds = ids.slice(0, 2);
    for (const each of [user, other]) {
      await cartOf(each).mergeCart({ questionIds: [...questionIds] });
    }
    const event = { userId: user.userId, withdrawTime: { seconds: 1n } };
    await deliverTo(stack, "cart", UserWithdrawnSchema, event);
    await until(async () => (await questionsIn(cartOf(user))).length === 0);
    expect(await questionsIn(cartOf(other))).to.have.members([...questionIds]);
  });

  it("takes in a guest's cart in one call that may be repeated, and says what became of each question", async () => {
    const buyer = await market.createBuyer(20_000n);
    const cart = cartOf(buyer);
    const [owned = 0n, known = 0n, fresh = 0n] = ids;
    await buy(buyer, [owned]);
    await cart.addToCart({ questionId: known });
    const questionIds = [fresh, owned, unknownId, known];
    const outcomes = async () => (await cart.mergeCart({ questionIds })).questions;
    const { ADDED, OWNED, UNAVAILABLE, ALREADY_IN_CART } = MergeOutcome;
    const outcomesOf = async () => (await outcomes()).map(({ outcome }) => outcome);
    expect((await outcomes()).map(({ questionId }) => questionId)).to.deep.equal(questionIds);
    expect(await outcomesOf()).to.deep.equal([ALREADY_IN_CART, OWNED, UNAVAILABLE, ALREADY_IN_CART]);
    await cart.removeFromCart({ questionIds: [fresh] });
    expect(await outcomesOf()).to.deep.equal([ADDED, OWNED, UNAVAILABLE, ALREADY_IN_CART]);
    expect(await questionsIn(cart)).to.deep.equal([fresh, known]);
    const mine = await cartOf(market.creator).mergeCart({ questionIds: [fresh] });
    expect(mine.questions[0]?.outcome).to.equal(MergeOutcome.OWN_QUESTION);
  });

  it("has one line per question, and at most 50, however many calls add at once", async () => {
    const user = await newUser();
    const cart = cartOf(user);
    const [one = 0n, two = 0n, three = 0n] = ids;
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => cart.addToCart({ questionId: one })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    const planted = Array.from({ length: capacity - 2 }, (_, index) => unknownId + BigInt(index));
    await plantLines(user.userId, planted);
    const merges = await Promise.all(
      [two, three].map(questionId => cart.mergeCart({ questionIds: [questionId] })),
    );
    expect(merges.map(({ questions }) => questions[0]?.outcome)).to.have.members([
      MergeOutcome.ADDED,
      MergeOutcome.CART_FULL,
    ]);
    expect(await questionsIn(cart)).to.have.length(capacity);
    const refused = await refusalFor(cart.addToCart({ questionId: present(ids[3]) }));
    expect(refused).to.deep.equal(["CART_FULL", String(capacity)]);
  });

  it("loses the lines that its user removes and no other; removing all leaves it empty", async () => {
    const [user, other] = [await newUser(), await newUser()];
    const [one = 0n, two = 0n, three = 0n] = ids;
    await cartOf(user).mergeCart({ questionIds: [one, two, three] });
    await cartOf(other).mergeCart({ questionIds: [two] });
    await cartOf(user).removeFromCart({ questionIds: [two, unknownId] });
    await cartOf(user).removeFromCart({ questionIds: [two] });
    expect(await questionsIn(cartOf(user))).to.deep.equal([three, one]);
    expect(await questionsIn(cartOf(other))).to.deep.equal([two]);
    await cartOf(user).removeFromCart({ questionIds: [one, three] });
    expect(await questionsIn(cartOf(user))).to.deep.equal([]);
  });

  /** Puts lines into a cart that no call would add. */
  async function plantLines(userId: bigint, questionIds: readonly bigint[]): Promise<void> {
    const sql = await connectAdmin(stack.mariadb.url);
    await sql.query("INSERT IGNORE INTO cart.cart (user_id) VALUES (?)", [userId]);
    await sql.batch(
      "INSERT INTO cart.cart_line (user_id, question_id) VALUES (?, ?)",
      questionIds.map(questionId => [userId, questionId]),
    );
    await sql.end();
  }
});
