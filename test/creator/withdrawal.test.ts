import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import { type Author, publishQuestion, signUpAuthor, writeDraft } from "../support/market/questions.ts";
import { createInternalClient, createPublicClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { participantStack } from "../support/stack/participant-stack.ts";
import { until } from "../support/stack/until.ts";

const neutralName = "탈퇴한 크리에이터";

describe("a creator who withdrew", () => {
  let stack: Stack;
  let buying: Buying;
  let author: Author;
  let buyer: Person;
  let questionId: bigint;
  let draftId: bigint;

  before(async () => {
    stack = await participantStack();
    buying = await openBuying(stack);
    [author, buyer] = [await signUpAuthor(stack), await signUp(stack)];
    questionId = (await publishQuestion(author)).questionId;
    draftId = (await writeDraft(author)).questionId;
    await buying.buy(buyer.userId, [questionId]);
    const account = createPublicClient(stack, AccountService, { token: author.token });
    await account.withdraw({ password: author.password, waivePoints: true });
    await until(async () => (await inStore()).length === 0, "the store shows nothing of the creator");
  });
  after(() => buying?.close());

  const inStore = async () => {
    const filter = { creatorId: author.creatorId };
    return (await createPublicClient(stack, StoreService).listQuestions({ filter })).questions;
  };
  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;

  it("sells nothing any more", async () => {
    const other = await signUp(stack);
    const store = createPublicClient(stack, StoreService);
    expect(await reasonOf(store.getQuestion({ questionId }))).to.equal("NOT_FOUND");
    expect(await reasonOf(buying.reserve(other.userId, [questionId]))).to.equal("UNAVAILABLE_QUESTION");
  });

  it("leaves buyers their files, under the name that all withdrawn creators have", async () => {
    const library = createPublicClient(stack, LibraryService, { token: buyer.token });
    const { questions } = await library.listOwnedQuestions({});
    expect(questions[0]?.creator).to.include({ name: neutralName, profileImageUrl: "" });
    const { url } = await library.createDownloadLink({ questionId });
    expect((await fetch(url)).status).to.equal(200);
  });

  it("has no public profile, and writes nothing any more though the token is still valid", async () => {
    const { creatorId, userId } = author;
    const anyone = createPublicClient(stack, CreatorService);
    expect(await reasonOf(anyone.getCreator({ creatorId }))).to.equal("NOT_FOUND");
    const content = { name: "되살린 이름", mainSubject: Subject.PHYSICS, introduction: "소개" };
    expect(await reasonOf(author.creators.getOwnCreator({}))).to.equal("NOT_CREATOR");
    expect(await reasonOf(author.creators.updateOwnCreator({ content }))).to.equal("NOT_CREATOR");
    expect(await reasonOf(author.creators.registerCreator({ content }))).to.equal("NOT_ACTIVE_USER");
    expect(await reasonOf(author.authoring.publishQuestion({ questionId: draftId }))).to.equal("NOT_CREATOR");
    const wiring = { service: CreatorDirectoryService, callee: "creator", as: "question" };
    const directory = await createInternalClient(stack, wiring);
    expect(await reasonOf(directory.getCreatorOfUser({ userId }, onBehalfOf(userId)))).to.equal(
      "NOT_CREATOR",
    );
    directory.close();
  });

  it("frees the name for others, who cannot take the one of withdrawn creators", async () => {
    const other = await signUp(stack);
    const creators = createPublicClient(stack, CreatorService, { token: other.token });
    const content = { mainSubject: Subject.PHYSICS, introduction: "소개" };
    const taken = creators.registerCreator({ content: { ...content, name: neutralName } });
    expect(await reasonOf(taken)).to.equal("DUPLICATE_CREATOR_NAME");
    await creators.registerCreator({ content: { ...content, name: author.name } });
    const renamed = creators.updateOwnCreator({ content: { ...content, name: neutralName } });
    expect(await reasonOf(renamed)).to.equal("DUPLICATE_CREATOR_NAME");
  });
});
