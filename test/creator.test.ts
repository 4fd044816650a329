import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import type { Stack } from "../dev/stack.ts";
import { CreatorService, WorkspaceService } from "../gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorDirectoryService } from "../gen/questioncloud/creator/v1/mesh_pb.ts";
import { FileKind } from "../gen/questioncloud/question/v1/authoring_pb.ts";
import { Subject } from "../gen/questioncloud/question/v1/question_pb.ts";
import { createMeshClient, createPublicClient, onBehalfOf, refusalOf } from "./support/clients.ts";
import { type Person, signUp } from "./support/people.ts";
import { type Buying, openBuying } from "./support/purchases.ts";
import { questionStack } from "./support/question-stack.ts";
import { contentWith, present, signUpAuthor } from "./support/questions.ts";
import { until } from "./support/until.ts";

const nobody = 2n ** 60n;

describe("creator service", () => {
  let stack: Stack;
  let buying: Buying;
  const creators = (person?: Person) => createPublicClient(stack, CreatorService, { token: person?.token });

  before(async () => {
    stack = await questionStack();
    buying = await openBuying(stack);
  });
  after(() => buying?.close());

  it("registers a user once, with statistics at zero", async () => {
    const person = await signUp(stack);
    const content = contentNamed(newName());
    const { creator } = await creators(person).registerCreator({ content });
    const { creatorId, statistics, createTime, $typeName: _, ...said } = present(creator);
    expect(said).to.deep.equal(content);
    expect(statistics?.salesCount).to.equal(0n);
    expect(createTime).not.to.equal(undefined);
    expect((await creators().getCreator({ creatorId })).creator).to.deep.equal(creator);
    const again = await refusalOf(creators(person).registerCreator({ content: contentNamed(newName()) }));
    expect(again).to.include({ reason: "ALREADY_REGISTER_CREATOR", code: "AlreadyExists" });
  });

  it("registers one of twenty parallel wishes of one user, and one of twenty users for one name", async () => {
    const person = await signUp(stack);
    const wishes = Array.from({ length: 20 }, () =>
      creators(person).registerCreator({ content: contentNamed(newName()) }),
    );
    expect(await refusalsIn(wishes)).to.deep.equal(Array(19).fill("ALREADY_REGISTER_CREATOR"));
    const people = await Promise.all(Array.from({ length: 5 }, () => signUp(stack)));
    const name = newName();
    const sameName = people.map(one => creators(one).registerCreator({ content: contentNamed(name) }));
    expect(await refusalsIn(sameName)).to.deep.equal(Array(4).fill("DUPLICATE_CREATOR_NAME"));
  });

  it("checks what a creator writes", async () => {
    const person = await signUp(stack);
    const good = contentNamed(newName());
    const bad = [
      { ...good, name: " x " },
      { ...good, name: "x".repeat(41) },
      { ...good, profileImageUrl: "http://images.example/a.png" },
      { ...good, profileImageUrl: "javascript:alert(1)" },
      { ...good, mainSubject: Subject.UNSPECIFIED },
      { ...good, introduction: "  " },
      { ...good, introduction: "x".repeat(2001) },
    ];
    for (const content of bad) {
      expect(await refusalOf(creators(person).registerCreator({ content }))).to.include({
        reason: "BAD_REQUEST",
      });
    }
  });

  it("needs a signed-in user", async () => {
    const refused = await refusalOf(creators().registerCreator({ content: contentNamed(newName()) }));
    expect(refused.code).to.equal("Unauthenticated");
    const workspace = createPublicClient(stack, WorkspaceService);
    expect((await refusalOf(workspace.getOwnCreator({}))).code).to.equal("Unauthenticated");
  });

  it("shows a profile to everybody, without the e-mail address", async () => {
    const author = await signUpAuthor(stack);
    const { creator } = await creators().getCreator({ creatorId: author.creatorId });
    expect(creator?.name).to.equal(author.name);
    const json = JSON.stringify(creator, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
    expect(json).not.to.contain(author.email);
    expect(await refusalOf(creators().getCreator({ creatorId: nobody }))).to.include({
      reason: "NOT_FOUND",
      code: "NotFound",
    });
  });

  it("lets others keep a profile for half a minute, unless it was read by a user", async () => {
    const author = await signUpAuthor(stack);
    const cacheControl = async (person?: Person) => {
      let value: string | null = null;
      await creators(person).getCreator(
        { creatorId: author.creatorId },
        { onHeader: headers => (value = headers.get("cache-control")) },
      );
      return value;
    };
    expect(await cacheControl()).to.equal("public, max-age=30");
    expect(await cacheControl(author)).to.equal("private, no-store");
  });

  it("replaces the own profile", async () => {
    const author = await signUpAuthor(stack);
    const other = await signUpAuthor(stack);
    const content = { ...contentNamed(newName()), profileImageUrl: "" };
    const { creator } = await author.workspace.updateOwnCreator({ content });
    expect(creator).to.deep.include({ creatorId: author.creatorId, name: content.name, profileImageUrl: "" });
    expect((await author.workspace.getOwnCreator({})).creator).to.deep.equal(creator);
    expect((await author.workspace.updateOwnCreator({ content })).creator).to.deep.equal(creator);
    const taken = await refusalOf(author.workspace.updateOwnCreator({ content: contentNamed(other.name) }));
    expect(taken).to.include({ reason: "DUPLICATE_CREATOR_NAME", code: "AlreadyExists" });
  });

  it("turns everybody who is no creator away from the desk", async () => {
    const { token } = await signUp(stack);
    const desk = createPublicClient(stack, WorkspaceService, { token });
    const questionId = 1n;
    const content = contentNamed(newName());
    const announced = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1n };
    const endTime = timestampFromMs(Date.now() + 60_000);
    const promotion = { title: "할인", salePricePoints: 100n, endTime };
    const calls = [
      () => desk.getOwnCreator({}),
      () => desk.updateOwnCreator({ content }),
      () => desk.listOwnQuestions({}),
      () => desk.getOwnQuestion({ questionId }),
      () => desk.createQuestion({ requestId: randomUUID(), content: contentWith() }),
      () => desk.updateQuestion({ questionId, version: 1, content: contentWith() }),
      () => desk.createUpload({ questionId, file: announced }),
      () => desk.acceptUpload({ questionId, uploadId: randomUUID() }),
      () => desk.publishQuestion({ questionId }),
      () => desk.deleteQuestion({ questionId }),
      () => desk.createPromotion({ questionId, content: promotion }),
      () => desk.endPromotion({ questionId, promotionId: 1n }),
      () => desk.listPromotions({ questionId }),
    ];
    for (const call of calls) {
      expect(await refusalOf(call())).to.include({ reason: "NOT_CREATOR", code: "PermissionDenied" });
    }
  });

  it("tells neighbours the names that it knows", async () => {
    const [one, two] = [await signUpAuthor(stack), await signUpAuthor(stack)];
    const wiring = { service: CreatorDirectoryService, callee: "creator" };
    const directory = await createMeshClient(stack, { ...wiring, as: "question" });
    const stranger = await createMeshClient(stack, { ...wiring, as: "coupon" });
    const creatorIds = [two.creatorId, nobody, one.creatorId];
    const { creators: found } = await directory.batchGetCreators({ creatorIds }, onBehalfOf(undefined));
    const names = new Map(found.map(creator => [creator.creatorId, creator.name]));
    expect(names).to.deep.equal(
      new Map([
        [one.creatorId, one.name],
        [two.creatorId, two.name],
      ]),
    );
    const refused = await refusalOf(stranger.batchGetCreators({ creatorIds }, onBehalfOf(undefined)));
    expect(refused.reason).to.equal("INTERNAL_SERVER_ERROR");
    directory.close();
    stranger.close();
  });

  it("counts the sales of every creator of a purchase once, however often it is told", async () => {
    const [one, two] = [await signUpAuthor(stack), await signUpAuthor(stack)];
    const { userId } = await signUp(stack);
    const lineOf = (creatorId: bigint) => ({ questionId: nobody, creatorId });
    const lines = [one.creatorId, two.creatorId, one.creatorId, nobody].map(lineOf);
    const eventId = randomUUID();
    const purchase = { purchaseId: uuidv7(), userId, lines };
    await Promise.all([1, 2, 3].map(() => buying.announcePaid(purchase, eventId)));
    await buying.announcePaid({ purchaseId: uuidv7(), userId, lines: [lineOf(two.creatorId)] });
    const salesOf = async (creatorId: bigint) =>
      (await creators().getCreator({ creatorId })).creator?.statistics?.salesCount;
    const counted = async () =>
      (await salesOf(one.creatorId)) === 2n && (await salesOf(two.creatorId)) === 2n;
    await until(counted, "both creators have two sales");
  });
});

function newName(): string {
  return `이름 ${randomUUID().slice(0, 18)}`;
}

function contentNamed(name: string) {
  const profileImageUrl = "https://images.example/a.png";
  return { name, profileImageUrl, mainSubject: Subject.CHEMISTRY, introduction: "소개" };
}

/** The reasons of the calls that are refused. */
async function refusalsIn(calls: readonly Promise<unknown>[]): Promise<(string | undefined)[]> {
  const settled = await Promise.allSettled(calls);
  const refused = settled.filter(result => result.status === "rejected");
  return Promise.all(refused.map(async ({ reason }) => (await refusalOf(Promise.reject(reason))).reason));
}
