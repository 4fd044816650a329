import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { type Subscription, SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { type Author, present, signUpAuthor } from "../support/market/questions.ts";
import { createInternalClient, createPublicClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { createTokenUsers } from "../support/rpc/tokens.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const unknownId = 2n ** 60n;

describe("subscriptions", () => {
  let stack: Stack;
  let author: Author;
  let other: Author;

  before(async () => {
    stack = await sharedStack();
    [author, other] = await Promise.all([signUpAuthor(stack), signUpAuthor(stack)]);
  });

  const clientOf = (user?: { token: string }) =>
    createPublicClient(stack, SubscriptionService, { token: user?.token });
  const newUser = async () => {
    const [user] = await createTokenUsers(stack, 1);
    return clientOf(user);
  };
  const countOf = async ({ creatorId }: Author) => {
    const { creator } = await createPublicClient(stack, CreatorService).getCreator({ creatorId });
    return creator?.statistics?.subscriberCount;
  };

  it("begin and end, and the status says so", async () => {
    const [user, { creatorId }] = [await newUser(), author];
    expect((await user.getSubscription({ creatorId })).subscription).to.equal(undefined);
    const { subscription } = await user.subscribe({ creatorId });
    const { creator, subscribeTime } = present(subscription);
    expect(creator).to.deep.include({
      name: author.name,
      profileImageUrl: "https://images.example/author.png",
      mainSubject: Subject.MATHEMATICS,
    });
    expect(Math.abs(timestampDate(present(subscribeTime)).getTime() - Date.now())).to.be.lessThan(60_000);
    const status = await user.getSubscription({ creatorId });
    expect(status.subscription?.creatorId).to.equal(creatorId);
    await user.unsubscribe({ creatorId });
    expect((await user.getSubscription({ creatorId })).subscription).to.equal(undefined);
    expect((await user.listSubscriptions({})).subscriptions).to.deep.equal([]);
    await user.subscribe({ creatorId });
    expect((await user.listSubscriptions({})).subscriptions).to.have.length(1);
  });

  it("are refused to an unknown creator, a second time, to oneself, and to callers without a token", async () => {
    const [user, { creatorId }] = [await newUser(), author];
    expect(await refusalOf(user.subscribe({ creatorId: unknownId }))).to.include({
      reason: "NOT_FOUND",
      code: "NotFound",
    });
    expect((await refusalOf(user.getSubscription({ creatorId: unknownId }))).reason).to.equal("NOT_FOUND");
    await user.subscribe({ creatorId });
    expect(await refusalOf(user.subscribe({ creatorId }))).to.include({
      reason: "ALREADY_SUBSCRIBE_CREATOR",
      code: "AlreadyExists",
    });
    expect(await refusalOf(clientOf(author).subscribe({ creatorId }))).to.include({
      reason: "OWN_CREATOR",
      code: "FailedPrecondition",
    });
    expect((await refusalOf(clientOf().subscribe({ creatorId }))).code).to.equal("Unauthenticated");
  });

  it("that do not exist cannot be ended, and neither can those of others", async () => {
    const [user, another] = [await newUser(), await newUser()];
    const { creatorId } = author;
    expect((await refusalOf(user.unsubscribe({ creatorId: unknownId }))).reason).to.equal("NOT_FOUND");
    await another.subscribe({ creatorId });
    expect((await refusalOf(user.unsubscribe({ creatorId }))).reason).to.equal("NOT_FOUND");
    await another.unsubscribe({ creatorId });
    expect(await refusalOf(another.unsubscribe({ creatorId }))).to.include({
      reason: "NOT_FOUND",
      code: "NotFound",
    });
  });

  it("of one user to one creator begin once in twenty parallel calls, and end once", async () => {
    const [user, { creatorId }] = [await newUser(), other];
    const outcomes = async (call: () => Promise<unknown>) => {
      const results = await Promise.allSettled(Array.from({ length: 20 }, call));
      return results.filter(({ status }) => status === "fulfilled").length;
    };
    expect(await outcomes(() => user.subscribe({ creatorId }))).to.equal(1);
    expect(await outcomes(() => user.unsubscribe({ creatorId }))).to.equal(1);
    expect(await outcomes(() => user.subscribe({ creatorId }))).to.equal(1);
  });

  it("are counted in the creator's profile, in the status and in the list, up and down", async () => {
    const counted = await signUpAuthor(stack);
    const { creatorId } = counted;
    const users = await Promise.all([newUser(), newUser(), newUser()]);
    await Promise.all(users.map(user => user.subscribe({ creatorId })));
    await until(async () => (await countOf(counted)) === 3n, "the profile shows three subscribers");
    const [first = await newUser()] = users;
    expect((await first.getSubscription({ creatorId })).subscriberCount).to.equal(3n);
    const { subscriptions } = await first.listSubscriptions({});
    expect(subscriptions[0]?.creator?.subscriberCount).to.equal(3n);
    await first.unsubscribe({ creatorId });
    await until(async () => (await countOf(counted)) === 2n, "the profile shows two subscribers");
  });

  it("are listed newest first, page by page, each once while others begin and end", async () => {
    const user = await newUser();
    const authors = await Promise.all(Array.from({ length: 5 }, () => signUpAuthor(stack)));
    for (const { creatorId } of authors) {
      await user.subscribe({ creatorId });
    }
    const newest = authors.map(({ creatorId }) => creatorId).reverse();
    const seen: Subscription[] = [];
    let pageToken = "";
    do {
      const page = await user.listSubscriptions({ pageSize: 2, pageToken });
      expect(page.subscriptions.length).to.be.within(1, 2);
      seen.push(...page.subscriptions);
      pageToken = page.nextPageToken;
      if (seen.length === 2) {
        await user.unsubscribe({ creatorId: newest[0] ?? 0n });
        await user.subscribe({ creatorId: author.creatorId });
      }
    } while (pageToken !== "");
    expect(seen.map(({ creatorId }) => creatorId)).to.deep.equal(newest);
    expect(seen.map(({ creator }) => creator?.name)).to.deep.equal(authors.map(({ name }) => name).reverse());
    const again = await user.listSubscriptions({ pageSize: 1000 });
    expect(again.subscriptions.map(({ creatorId }) => creatorId)).to.deep.equal([
      author.creatorId,
      ...newest.slice(1),
    ]);
  });

  it("are listed by tokens of this list and this user alone", async () => {
    const [user, another] = [await newUser(), await newUser()];
    await user.subscribe({ creatorId: author.creatorId });
    await user.subscribe({ creatorId: other.creatorId });
    const { nextPageToken: pageToken } = await user.listSubscriptions({ pageSize: 1 });
    expect(pageToken).not.to.equal("");
    expect((await refusalOf(another.listSubscriptions({ pageToken }))).reason).to.equal("INVALID_PAGE_TOKEN");
    expect((await refusalOf(user.listSubscriptions({ pageToken: "forged" }))).reason).to.equal(
      "INVALID_PAGE_TOKEN",
    );
  });

  it("read creators by their ids in one call, without those that do not exist", async () => {
    const directory = await createInternalClient(stack, {
      service: CreatorDirectoryService,
      callee: "creator",
      as: "subscribe",
    });
    const creatorIds = [author.creatorId, unknownId, other.creatorId];
    const { creators } = await directory.getCreators({ creatorIds }, onBehalfOf(1n));
    directory.close();
    expect(creators.map(({ summary }) => summary?.name)).to.have.members([author.name, other.name]);
  });
});
