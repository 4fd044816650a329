import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { EditableQuestion } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { FeedService } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { type Person, signUp } from "../support/market/people.ts";
import {
  type Author,
  contentWith,
  present,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "../support/market/questions.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { createTokenUsers } from "../support/rpc/tokens.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

type Reader = Awaited<ReturnType<typeof openReader>>;

async function openReader(stack: Stack, given?: { token: string }) {
  const [user = given] = given === undefined ? await createTokenUsers(stack, 1) : [given];
  const token = user?.token;
  return {
    subscriptions: createPublicClient(stack, SubscriptionService, { token }),
    feed: createPublicClient(stack, FeedService, { token }),
  };
}

describe("the feed", () => {
  let stack: Stack;
  let author: Author;
  let other: Author;

  before(async () => {
    stack = await sharedStack();
    [author, other] = await Promise.all([signUpAuthor(stack), signUpAuthor(stack)]);
  });

  const newReader = (given?: Person) => openReader(stack, given);
  const idsOf = async ({ feed }: Reader) =>
    (await feed.listFeed({})).questions.map(({ questionId }) => questionId);
  const untilFeedIs = (reader: Reader, questions: readonly EditableQuestion[]) => {
    const expected = questions.map(({ questionId }) => questionId).join();
    return until(async () => (await idsOf(reader)).join() === expected, `the feed is ${expected}`);
  };
  const withdraw = ({ token, password }: Person) =>
    createPublicClient(stack, AccountService, { token }).withdraw({ password, waivePoints: true });

  it("shows what the creators one subscribes to have on sale, newest first, and nothing of others", async () => {
    const reader = await newReader();
    await reader.subscriptions.subscribe({ creatorId: author.creatorId });
    await writeDraft(author);
    const first = await publishQuestion(author, { title: "첫 문제", level: 5, pricePoints: 1500n });
    const foreign = await publishQuestion(other);
    const second = await publishQuestion(author);
    await untilFeedIs(reader, [second, first]);
    const { questions } = await reader.feed.listFeed({});
    const { publishTime, creator, $typeName: _, ...shown } = present(questions[1]);
    expect(shown).to.deep.equal({
      questionId: first.questionId,
      creatorId: author.creatorId,
      title: "첫 문제",
      subject: Subject.MATHEMATICS,
      level: 5,
      pricePoints: 1500n,
    });
    expect(creator).to.deep.include({ creatorId: author.creatorId, name: author.name });
    expect(publishTime?.seconds).to.equal(first.publishTime?.seconds);
    await reader.subscriptions.subscribe({ creatorId: other.creatorId });
    await untilFeedIs(reader, [second, foreign, first]);
    await reader.subscriptions.unsubscribe({ creatorId: author.creatorId });
    expect(await idsOf(reader)).to.deep.equal([foreign.questionId]);
  });

  it("shows new titles and prices, loses what is off sale, and shows in its old place what is back", async () => {
    const [reader, seller] = [await newReader(), await signUpAuthor(stack)];
    await reader.subscriptions.subscribe({ creatorId: seller.creatorId });
    const [older, newer] = [await publishQuestion(seller), await publishQuestion(seller)];
    await untilFeedIs(reader, [newer, older]);
    const { questionId, version } = older;
    await seller.authoring.updateQuestion({
      questionId,
      version,
      content: contentWith({ title: "고친 제목", pricePoints: 2000n }),
    });
    const changed = await until(async () => {
      const { questions } = await reader.feed.listFeed({});
      return questions.find(({ title }) => title === "고친 제목");
    }, "the feed shows the new title");
    expect(changed).to.deep.include({ questionId, pricePoints: 2000n });
    await untilFeedIs(reader, [newer, older]);
    await seller.authoring.unpublishQuestion({ questionId });
    await untilFeedIs(reader, [newer]);
    await seller.authoring.publishQuestion({ questionId });
    await untilFeedIs(reader, [newer, older]);
    await seller.authoring.deleteQuestion({ questionId: newer.questionId });
    await untilFeedIs(reader, [older]);
  });

  it("is walked page by page without repeats or gaps while questions are added and removed", async () => {
    const [reader, one, two] = [await newReader(), await signUpAuthor(stack), await signUpAuthor(stack)];
    for (const { creatorId } of [one, two]) {
      await reader.subscriptions.subscribe({ creatorId });
    }
    const published: EditableQuestion[] = [];
    for (const seller of [one, two, one, one, two, one]) {
      published.unshift(await publishQuestion(seller));
    }
    await untilFeedIs(reader, published);
    const [seen, removed] = [[] as bigint[], published[3]?.questionId ?? 0n];
    let pageToken = "";
    do {
      const page = await reader.feed.listFeed({ pageSize: 2, pageToken });
      seen.push(...page.questions.map(({ questionId }) => questionId));
      pageToken = page.nextPageToken;
      if (seen.length === 2) {
        const late = await publishQuestion(two);
        await one.authoring.deleteQuestion({ questionId: removed });
        const left = published.filter(({ questionId }) => questionId !== removed);
        await untilFeedIs(reader, [late, ...left]);
      }
    } while (pageToken !== "");
    expect(seen).to.deep.equal(
      published.map(({ questionId }) => questionId).filter(questionId => questionId !== removed),
    );
  });

  it("is empty for who subscribes to no creator, and needs a token and page tokens of its own", async () => {
    const [reader, another] = [await newReader(), await newReader()];
    expect(await reader.feed.listFeed({})).to.deep.include({ questions: [], nextPageToken: "" });
    for (const { subscriptions } of [reader, another]) {
      await subscriptions.subscribe({ creatorId: author.creatorId });
    }
    const { nextPageToken: pageToken } = await reader.feed.listFeed({ pageSize: 1 });
    expect((await refusalOf(another.feed.listFeed({ pageToken }))).reason).to.equal("INVALID_PAGE_TOKEN");
    const anonymous = createPublicClient(stack, FeedService);
    expect((await refusalOf(anonymous.listFeed({}))).code).to.equal("Unauthenticated");
  });

  it("loses the questions of a creator who withdraws, to whom no one can subscribe any more", async () => {
    const [reader, late, leaving] = [await newReader(), await newReader(), await signUpAuthor(stack)];
    const { creatorId } = leaving;
    await reader.subscriptions.subscribe({ creatorId });
    await untilFeedIs(reader, [await publishQuestion(leaving)]);
    await withdraw(leaving);
    await untilFeedIs(reader, []);
    expect((await refusalOf(late.subscriptions.subscribe({ creatorId }))).reason).to.equal("NOT_FOUND");
    const { subscriptions } = await reader.subscriptions.listSubscriptions({});
    expect(subscriptions[0]?.creator).to.deep.include({ name: "탈퇴한 크리에이터", profileImageUrl: "" });
    await reader.subscriptions.unsubscribe({ creatorId });
  });

  it("ends with the subscriptions of a user who withdraws, and the creator counts one less", async () => {
    const [person, counted] = [await signUp(stack), await signUpAuthor(stack)];
    const { creatorId } = counted;
    const [reader, staying] = [await newReader(person), await newReader()];
    await reader.subscriptions.subscribe({ creatorId });
    await staying.subscriptions.subscribe({ creatorId });
    const countOf = async () =>
      (await createPublicClient(stack, CreatorService).getCreator({ creatorId })).creator?.statistics;
    await until(async () => (await countOf())?.subscriberCount === 2n, "both subscribers are counted");
    await withdraw(person);
    await until(async () => (await countOf())?.subscriberCount === 1n, "one subscriber is left");
    expect((await reader.subscriptions.listSubscriptions({})).subscriptions).to.deep.equal([]);
  });
});
