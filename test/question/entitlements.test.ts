import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CatalogService } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { ReservationService } from "#gen/questioncloud/reservation/v1/internal_reservation_pb.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import {
  type Author,
  contentWith,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "../support/market/questions.ts";
import {
  createInternalClient,
  createPublicClient,
  onBehalfOf,
  reasonOf,
  refusalOf,
} from "../support/rpc/clients.ts";
import { participantStack } from "../support/stack/participant-stack.ts";
import { until } from "../support/stack/until.ts";

describe("entitlements", () => {
  let stack: Stack;
  let author: Author;
  let buyer: Person;
  let buying: Buying;

  before(async () => {
    stack = await participantStack();
    [author, buyer, buying] = [await signUpAuthor(stack), await signUp(stack), await openBuying(stack)];
  });
  after(() => buying?.close());

  const quote = (questionIds: bigint[], userId = buyer.userId) =>
    buying.catalog.quoteQuestions({ questionIds }, onBehalfOf(userId));
  const hold = (
    purchaseId: string,
    lines: { questionId: bigint; version: number; offerPricePoints: bigint }[],
  ) => buying.entitlements.reserveEntitlements({ purchaseId, lines }, onBehalfOf(buyer.userId));
  const library = (person = buyer) => createPublicClient(stack, LibraryService, { token: person.token });
  const lineOf = ({ questionId, version }: { questionId: bigint; version: number }) => ({
    questionId,
    version,
    offerPricePoints: 1000n,
  });

  it("are quoted in the order of the request, with everything a purchase records", async () => {
    const one = await publishQuestion(author);
    const two = await publishQuestion(author, { title: "둘째", pricePoints: 2000n });
    const { questions } = await quote([two.questionId, one.questionId]);
    expect(questions.map(question => question.questionId)).to.deep.equal([two.questionId, one.questionId]);
    expect(questions[0]).to.deep.include({
      version: two.version,
      title: "둘째",
      creatorId: author.creatorId,
      creatorName: author.name,
      parentCategoryTitle: "수1",
      categoryTitle: "지수와 로그",
      level: 3,
      pricePoints: 2000n,
      promotionId: 0n,
      promotionTitle: "",
      offerPricePoints: 2000n,
    });
  });

  it("are refused for what cannot be bought, naming the question", async () => {
    const sold = await publishQuestion(author);
    const draft = await writeDraft(author);
    const deleted = await publishQuestion(author);
    await author.authoring.deleteQuestion({ questionId: deleted.questionId });
    const owned = await publishQuestion(author);
    await buying.buy(buyer.userId, [owned.questionId]);
    const cases = [
      [draft, buyer.userId, "UNAVAILABLE_QUESTION"],
      [deleted, buyer.userId, "UNAVAILABLE_QUESTION"],
      [{ questionId: 2n ** 60n, version: 1 }, buyer.userId, "UNAVAILABLE_QUESTION"],
      [owned, buyer.userId, "ALREADY_OWN_QUESTION"],
      [sold, author.userId, "OWN_QUESTION"],
    ] as const;
    for (const [question, userId, reason] of cases) {
      const expected = { reason, metadata: { question_id: question.questionId.toString() } };
      const ids = sold === question ? [question.questionId] : [sold.questionId, question.questionId];
      expect(await refusalOf(quote(ids, userId))).to.deep.include(expected);
      const request = { purchaseId: uuidv7(), lines: [lineOf(question)] };
      const reserved = buying.entitlements.reserveEntitlements(request, onBehalfOf(userId));
      expect(await refusalOf(reserved)).to.deep.include(expected);
    }
  });

  it("are held only as quoted, all or none", async () => {
    const first = await publishQuestion(author);
    const second = await publishQuestion(author);
    const changed = [
      { ...lineOf(second), version: second.version + 1 },
      { ...lineOf(second), offerPricePoints: 999n },
    ];
    for (const line of changed) {
      const refused = await refusalOf(hold(uuidv7(), [lineOf(first), line]));
      const metadata = { question_id: second.questionId.toString() };
      expect(refused).to.deep.include({ reason: "QUESTION_CHANGED", metadata });
    }
    const content = contentWith({ title: "바뀐 제목" });
    await author.authoring.updateQuestion({
      questionId: second.questionId,
      version: second.version,
      content,
    });
    expect((await refusalOf(hold(uuidv7(), [lineOf(second)]))).reason).to.equal("QUESTION_CHANGED");
    await hold(uuidv7(), [lineOf(first)]);
  });

  it("are held by one of twenty purchases of one user at once", async () => {
    const question = await publishQuestion(author);
    const tries = Array.from({ length: 20 }, () => hold(uuidv7(), [lineOf(question)]));
    const outcomes = await Promise.allSettled(tries);
    const reasons = outcomes.flatMap(result =>
      result.status === "rejected" ? [reasonOf(result.reason)] : [],
    );
    expect(reasons).to.deep.equal(Array(19).fill("PURCHASE_IN_PROGRESS"));
  });

  it("do not deadlock when purchases name the same questions in different orders", async () => {
    const lines = [
      await publishQuestion(author),
      await publishQuestion(author),
      await publishQuestion(author),
    ].map(lineOf);
    const purchases = Array.from({ length: 20 }, (_, index) => ({
      purchaseId: uuidv7(),
      lines: index % 2 === 0 ? lines : lines.toReversed(),
    }));
    const outcomes = await Promise.allSettled(purchases.map(one => hold(one.purchaseId, one.lines)));
    expect(outcomes.filter(result => result.status === "fulfilled").length).to.equal(1);
  });

  it("are reserved, confirmed and released any number of times", async () => {
    const question = await publishQuestion(author);
    const lines = [lineOf(question)];
    const context = onBehalfOf(buyer.userId);
    const [released, bought] = [uuidv7(), uuidv7()];
    await Promise.all([1, 2, 3].map(() => hold(released, lines)));
    const mismatch = await refusalOf(hold(released, [{ ...lineOf(question), offerPricePoints: 1n }]));
    expect(mismatch.reason).to.equal("RESERVATION_MISMATCH");
    await Promise.all(
      [1, 2].map(() => buying.reservations.releaseReservation({ reservationId: released }, context)),
    );
    expect((await refusalOf(hold(released, lines))).reason).to.equal("RESERVATION_RELEASED");
    const late = buying.reservations.confirmReservation({ reservationId: released }, context);
    expect((await refusalOf(late)).reason).to.equal("RESERVATION_RELEASED");
    const unknown = buying.reservations.confirmReservation({ reservationId: uuidv7() }, context);
    expect((await refusalOf(unknown)).reason).to.equal("NOT_FOUND");
    await hold(bought, lines);
    await Promise.all(
      [1, 2].map(() => buying.reservations.confirmReservation({ reservationId: bought }, context)),
    );
    await hold(bought, lines);
    const undone = buying.reservations.releaseReservation({ reservationId: bought }, context);
    expect((await refusalOf(undone)).reason).to.equal("RESERVATION_CONFIRMED");
    expect((await refusalOf(hold(uuidv7(), lines))).reason).to.equal("ALREADY_OWN_QUESTION");
    const early = uuidv7();
    await buying.reservations.releaseReservation({ reservationId: early }, context);
    expect((await refusalOf(hold(early, lines))).reason).to.equal("RESERVATION_RELEASED");
  });

  it("allow no download while they are only reserved", async () => {
    const { questionId } = await publishQuestion(author);
    const person = await signUp(stack);
    await buying.reserve(person.userId, [questionId]);
    const refused = await refusalOf(library(person).createDownloadLink({ questionId }));
    expect(refused).to.include({ reason: "NOT_OWNED_QUESTION", code: "PermissionDenied" });
    expect((await library(person).listOwnedQuestions({})).questions).to.deep.equal([]);
    const { question } = await createPublicClient(stack, StoreService, { token: person.token }).getQuestion({
      questionId,
    });
    expect(question?.owned).to.equal(false);
  });

  it("are confirmed and counted by the event alone, once, also when the question is gone", async () => {
    const { questionId } = await publishQuestion(author);
    const person = await signUp(stack);
    const { userId } = person;
    const purchaseId = await buying.reserve(userId, [questionId]);
    await author.authoring.deleteQuestion({ questionId });
    const lines = [{ questionId, creatorId: author.creatorId }];
    const eventId = crypto.randomUUID();
    await Promise.all([1, 2, 3].map(() => buying.publishPaid({ purchaseId, userId, lines }, eventId)));
    const owned = async () => (await library(person).listOwnedQuestions({})).questions[0];
    const question = await until(owned, "the question is owned");
    expect(question).to.include({ questionId, purchaseId });
    await library(person).createDownloadLink({ questionId });
    const sql = await connectAdmin(stack.mariadb.url);
    const [row] = await sql.query("SELECT sales_count FROM question.question WHERE question_id = ?", [
      questionId,
    ]);
    await sql.end();
    expect(row.sales_count).to.equal(1n);
  });

  it("are released by the event alone", async () => {
    const { questionId } = await publishQuestion(author);
    const person = await signUp(stack);
    const { userId } = person;
    const purchaseId = await buying.reserve(userId, [questionId]);
    await buying.publishCancelled({ purchaseId, userId });
    await until(
      () => buying.reserve(userId, [questionId]).catch(() => undefined),
      "the question is free again",
    );
    const late = buying.reservations.confirmReservation({ reservationId: purchaseId }, onBehalfOf(userId));
    expect((await refusalOf(late)).reason).to.equal("RESERVATION_RELEASED");
  });

  it("are quoted, reserved and confirmed for the pay service alone", async () => {
    const context = onBehalfOf(buyer.userId);
    const wiring = { callee: "question", as: "creator" };
    const catalog = await createInternalClient(stack, { ...wiring, service: CatalogService });
    const entitlements = await createInternalClient(stack, { ...wiring, service: EntitlementService });
    const reservations = await createInternalClient(stack, { ...wiring, service: ReservationService });
    const lines = [{ questionId: 1n, version: 1, offerPricePoints: 1n }];
    const calls = [
      () => catalog.quoteQuestions({ questionIds: [1n] }, context),
      () => entitlements.reserveEntitlements({ purchaseId: uuidv7(), lines }, context),
      () => reservations.confirmReservation({ reservationId: uuidv7() }, context),
      () => reservations.releaseReservation({ reservationId: uuidv7() }, context),
    ];
    for (const call of calls) {
      expect((await refusalOf(call())).reason).to.equal("INTERNAL_SERVER_ERROR");
    }
    for (const client of [catalog, entitlements, reservations]) {
      client.close();
    }
  });
});
