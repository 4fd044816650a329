import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { AuthoringService, QuestionState } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { ModerationQueue, ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { createMarket, type Market, purchaseRequest } from "../support/market/market.ts";
import { writeDraft } from "../support/market/questions.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { walkPages } from "../support/rpc/walk-pages.ts";
import { sharedStack } from "../support/stack/stack.ts";

const { PUBLISHED, UNPUBLISHED, SUSPENDED } = QuestionState;
const unknownId = 2n ** 60n;
const reason = "저작권 확인 중입니다.";

describe("the availability of questions", () => {
  let stack: Stack;
  let market: Market;
  const moderation = () => createPublicClient(stack, ModerationService, { token: market.admin.token });
  const store = () => createPublicClient(stack, StoreService);
  const isOnSale = async (questionId: bigint) => {
    const { questions } = await store().listQuestions({ filter: { creatorId: market.creator.creatorId } });
    return questions.some(question => question.questionId === questionId);
  };

  before(async () => {
    stack = await sharedStack();
    market = await createMarket(stack, { questionCount: 0 });
  });

  it("is suspended by a moderator: not shown, not sold, and only a moderator restores it", async () => {
    const { creator } = market;
    const [questionId, buyer] = [await market.publishQuestion(), await market.createBuyer(10_000n)];
    const { question } = await moderation().suspendQuestion({ questionId, reason });
    expect(question?.question).to.deep.include({ questionId, state: SUSPENDED, stateReason: reason });
    expect(question?.creator).to.deep.include({ creatorId: creator.creatorId, name: creator.name });
    expect(await isOnSale(questionId)).to.equal(false);
    expect((await refusalOf(store().getQuestion({ questionId }))).reason).to.equal("NOT_FOUND");
    const refused = await refusalOf(buyer.pay.purchaseQuestions(purchaseRequest([questionId])));
    expect(refused.reason).to.equal("UNAVAILABLE_QUESTION");
    for (const attempt of [creator.authoring.publishQuestion, creator.authoring.unpublishQuestion]) {
      expect(await refusalOf(attempt({ questionId }))).to.deep.include({
        reason: "WRONG_QUESTION_STATE",
        code: "FailedPrecondition",
        metadata: { state: "SUSPENDED" },
      });
    }
    const shown = await creator.authoring.getOwnQuestion({ questionId });
    expect(shown.question).to.deep.include({ state: SUSPENDED, stateReason: reason });
    const version = shown.question?.version ?? 0;
    await moderation().restoreQuestion({ questionId, version, reason: "확인됨" });
    expect((await creator.authoring.getOwnQuestion({ questionId })).question).to.deep.include({
      state: PUBLISHED,
      stateReason: "",
    });
    expect(await isOnSale(questionId)).to.equal(true);
  });

  it("is not restored in another version than the one that the moderator saw", async () => {
    const { authoring } = market.creator;
    const questionId = await market.publishQuestion();
    const { question: seen } = await moderation().suspendQuestion({ questionId, reason });
    const { version = 0, content } = seen?.question ?? {};
    await authoring.updateQuestion({ questionId, version, content });
    const restore = (seenVersion: number) =>
      moderation().restoreQuestion({ questionId, version: seenVersion, reason });
    expect((await refusalOf(restore(version))).reason).to.equal("EDIT_CONFLICT");
    expect(await isOnSale(questionId)).to.equal(false);
    expect((await restore(version + 1)).question?.question).to.include({ state: PUBLISHED });
  });

  it("stays as its creator left it where one that was unpublished is suspended and restored", async () => {
    const { authoring } = market.creator;
    const questionId = await market.publishQuestion();
    const { version = 0 } = (await authoring.unpublishQuestion({ questionId })).question ?? {};
    await moderation().suspendQuestion({ questionId, reason });
    const { question } = await moderation().restoreQuestion({ questionId, version, reason });
    expect(question?.question).to.include({ state: UNPUBLISHED, stateReason: "" });
    expect(await isOnSale(questionId)).to.equal(false);
    await authoring.publishQuestion({ questionId });
    await moderation().suspendQuestion({ questionId, reason });
    await moderation().restoreQuestion({ questionId, version, reason });
    expect(await isOnSale(questionId)).to.equal(true);
  });

  it("is unpublished and published again by its creator, with the first publication kept", async () => {
    const { authoring } = market.creator;
    const questionId = await market.publishQuestion();
    const { question: before } = await authoring.getOwnQuestion({ questionId });
    await authoring.unpublishQuestion({ questionId });
    const { question } = await authoring.unpublishQuestion({ questionId });
    expect(question?.state).to.equal(UNPUBLISHED);
    expect(await isOnSale(questionId)).to.equal(false);
    const buyer = await market.createBuyer(10_000n);
    const refused = await refusalOf(buyer.pay.purchaseQuestions(purchaseRequest([questionId])));
    expect(refused.reason).to.equal("UNAVAILABLE_QUESTION");
    await authoring.publishQuestion({ questionId });
    expect((await authoring.getOwnQuestion({ questionId })).question).to.deep.equal(before);
    expect(await isOnSale(questionId)).to.equal(true);
  });

  it("changes nothing for buyers, whose files stay in their library", async () => {
    const { authoring } = market.creator;
    const buyer = await market.createBuyer(40_000n);
    const ids = [];
    for (let count = 0; count < 3; count++) {
      ids.push(await market.publishQuestion());
    }
    const [suspended = 0n, unpublished = 0n, deleted = 0n] = ids;
    await buyer.pay.purchaseQuestions(purchaseRequest(ids));
    await moderation().suspendQuestion({ questionId: suspended, reason });
    await authoring.unpublishQuestion({ questionId: unpublished });
    await authoring.deleteQuestion({ questionId: deleted });
    const { questions } = await buyer.library.listOwnedQuestions({});
    expect(questions.map(question => question.questionId)).to.have.members(ids);
    for (const questionId of ids) {
      const { url } = await buyer.library.createDownloadLink({ questionId });
      expect((await fetch(url)).status).to.equal(200);
    }
  });

  it("of a suspended question is listed for moderators, the longest suspended first", async () => {
    const [first, second] = [await market.publishQuestion(), await market.publishQuestion()];
    await moderation().suspendQuestion({ questionId: second, reason });
    await market.creator.authoring.unpublishQuestion({ questionId: first });
    await moderation().suspendQuestion({ questionId: first, reason });
    const seen = await walkPages(async request => {
      const page = await moderation().listModeratedQuestions({
        ...request,
        queue: ModerationQueue.SUSPENDED,
      });
      const ids = page.questions.map(each => each.question?.questionId ?? 0n);
      return { ids, nextPageToken: page.nextPageToken };
    });
    expect(seen.filter(id => id === first || id === second)).to.deep.equal([second, first]);
    const { question } = await moderation().getModeratedQuestion({ questionId: first });
    expect(question?.question?.files.map(file => (file.url === "" ? "none" : "link"))).to.deep.equal([
      "link",
      "link",
    ]);
  });

  it("cannot be decided for unknown questions, in other states, or in an old version", async () => {
    const { questionId, version } = await writeDraft(market.creator);
    const decide = {
      approve: (id: bigint, read = version) =>
        moderation().approveQuestion({ questionId: id, version: read }),
      reject: (id: bigint, read = version) =>
        moderation().rejectQuestion({ questionId: id, version: read, reason }),
    };
    for (const each of Object.values(decide)) {
      expect((await refusalOf(each(unknownId))).reason).to.equal("NOT_FOUND");
      expect((await refusalOf(each(questionId))).reason).to.equal("WRONG_QUESTION_STATE");
      expect(await refusalOf(each(questionId, 99))).to.include({ reason: "EDIT_CONFLICT", code: "Aborted" });
    }
    for (const each of [moderation().suspendQuestion, moderation().restoreQuestion]) {
      expect((await refusalOf(each({ questionId: unknownId, version, reason }))).reason).to.equal(
        "NOT_FOUND",
      );
      expect((await refusalOf(each({ questionId, version, reason }))).reason).to.equal(
        "WRONG_QUESTION_STATE",
      );
    }
    const absent = moderation().getModeratedQuestion({ questionId: unknownId });
    expect((await refusalOf(absent)).reason).to.equal("NOT_FOUND");
    const buyer = await market.createBuyer();
    const asBuyer = createPublicClient(stack, ModerationService, { token: buyer.token });
    expect((await refusalOf(asBuyer.suspendQuestion({ questionId, reason }))).code).to.equal(
      "PermissionDenied",
    );
    const { authoring } = market.creator;
    expect((await refusalOf(authoring.unpublishQuestion({ questionId: unknownId }))).reason).to.equal(
      "NOT_FOUND",
    );
    const notCreator = createPublicClient(stack, AuthoringService, { token: buyer.token });
    expect((await refusalOf(notCreator.unpublishQuestion({ questionId }))).reason).to.equal("NOT_CREATOR");
  });
});
