import { randomUUID } from "node:crypto";
import { fromJsonString } from "@bufbuild/protobuf";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { type CreatorChanged, CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import { present, signUpAuthor } from "../support/market/questions.ts";
import { createInternalClient, createPublicClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { participantStack } from "../support/stack/participant-stack.ts";
import { until } from "../support/stack/until.ts";

const unknownId = 2n ** 60n;

describe("the creator service", () => {
  let stack: Stack;
  let buying: Buying;
  const creators = (person?: Person) => createPublicClient(stack, CreatorService, { token: person?.token });

  before(async () => {
    stack = await participantStack();
    buying = await openBuying(stack);
  });
  after(() => buying?.close());

  it("registers a user once, with statistics at zero", async () => {
    const person = await signUp(stack);
    const content = contentNamed(newName());
    const { creator } = await creators(person).registerCreator({ content });
    const { creatorId, statistics, createTime, $typeName: _, ...said } = present(creator);
    expect(said).to.deep.equal(content);
    const { $typeName: __, ...counted } = present(statistics);
    expect(Object.values(counted).map(Number)).to.deep.equal(Object.values(counted).map(() => 0));
    expect(createTime).not.to.equal(undefined);
    expect((await creators().getCreator({ creatorId })).creator).to.deep.equal(creator);
    const again = await refusalOf(creators(person).registerCreator({ content: contentNamed(newName()) }));
    expect(again).to.include({ reason: "ALREADY_REGISTER_CREATOR", code: "AlreadyExists" });
  });

  it("registers one of twenty parallel calls of one user, and one of five users for one name", async () => {
    const person = await signUp(stack);
    const calls = Array.from({ length: 20 }, () =>
      creators(person).registerCreator({ content: contentNamed(newName()) }),
    );
    expect(await refusalsIn(calls)).to.deep.equal(Array(19).fill("ALREADY_REGISTER_CREATOR"));
    const people = await Promise.all(Array.from({ length: 5 }, () => signUp(stack)));
    const name = newName();
    const sameName = people.map(one => creators(one).registerCreator({ content: contentNamed(name) }));
    expect(await refusalsIn(sameName)).to.deep.equal(Array(4).fill("DUPLICATE_CREATOR_NAME"));
  });

  it("registers no banned user whose token is still valid", async () => {
    const [person, admin] = [await signUp(stack), await signUpAdmin(stack)];
    const admins = createPublicClient(stack, UserAdminService, { token: admin.token });
    await admins.banUser({ userId: person.userId, reason: "for a test" });
    const register = creators(person).registerCreator({ content: contentNamed(newName()) });
    expect((await refusalOf(register)).reason).to.equal("NOT_ACTIVE_USER");
    expect((await refusalOf(creators(person).getOwnCreator({}))).reason).to.equal("NOT_CREATOR");
  });

  it("refuses a profile that violates the contract", async () => {
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
    expect((await refusalOf(creators().getOwnCreator({}))).code).to.equal("Unauthenticated");
  });

  it("shows a profile to everybody, without the e-mail address", async () => {
    const author = await signUpAuthor(stack);
    const { creator } = await creators().getCreator({ creatorId: author.creatorId });
    expect(creator?.name).to.equal(author.name);
    const json = JSON.stringify(creator, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
    expect(json).not.to.contain(author.email);
    expect(await refusalOf(creators().getCreator({ creatorId: unknownId }))).to.include({
      reason: "NOT_FOUND",
      code: "NotFound",
    });
  });

  it("lets a profile be cached for half a minute, unless a user reads it", async () => {
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

  it("lets a creator read and replace their own profile", async () => {
    const author = await signUpAuthor(stack);
    const other = await signUpAuthor(stack);
    const content = { ...contentNamed(newName()), profileImageUrl: "" };
    const { creator } = await author.creators.updateOwnCreator({ content });
    expect(creator).to.deep.include({ creatorId: author.creatorId, name: content.name, profileImageUrl: "" });
    expect((await author.creators.getOwnCreator({})).creator).to.deep.equal(creator);
    expect((await author.creators.updateOwnCreator({ content })).creator).to.deep.equal(creator);
    const taken = await refusalOf(author.creators.updateOwnCreator({ content: contentNamed(other.name) }));
    expect(taken).to.include({ reason: "DUPLICATE_CREATOR_NAME", code: "AlreadyExists" });
  });

  it("refuses users who are no creators", async () => {
    const person = await signUp(stack);
    const calls = [
      () => creators(person).getOwnCreator({}),
      () => creators(person).updateOwnCreator({ content: contentNamed(newName()) }),
    ];
    for (const call of calls) {
      expect(await refusalOf(call())).to.include({ reason: "NOT_CREATOR", code: "PermissionDenied" });
    }
  });

  it("returns the creator of a user to the question service alone, in the latest version", async () => {
    const author = await signUpAuthor(stack);
    const { userId, creatorId } = author;
    const content = contentNamed(newName());
    await author.creators.updateOwnCreator({ content });
    const wiring = { service: CreatorDirectoryService, callee: "creator" };
    const directory = await createInternalClient(stack, { ...wiring, as: "question" });
    const { creator } = await directory.getCreatorOfUser({ userId }, onBehalfOf(userId));
    const { name, profileImageUrl } = content;
    expect(creator).to.deep.include({ creatorId, userId, name, profileImageUrl, version: 2n });
    const other = await signUp(stack);
    const unknown = directory.getCreatorOfUser({ userId: other.userId }, onBehalfOf(other.userId));
    expect((await refusalOf(unknown)).reason).to.equal("NOT_CREATOR");
    directory.close();
    const coupon = await createInternalClient(stack, { ...wiring, as: "coupon" });
    const refused = await refusalOf(coupon.getCreatorOfUser({ userId }, onBehalfOf(userId)));
    expect(refused.reason).to.equal("INTERNAL_SERVER_ERROR");
    coupon.close();
  });

  it("publishes a registration and each change of name or picture, with an increasing version", async () => {
    const author = await signUpAuthor(stack);
    const content = { ...contentNamed(newName()), introduction: "처음" };
    await author.creators.updateOwnCreator({ content });
    await author.creators.updateOwnCreator({ content: { ...content, introduction: "다른 소개" } });
    await author.creators.updateOwnCreator({ content: { ...content, profileImageUrl: "" } });
    const events = await changesOf(author.creatorId);
    const { creatorId, userId } = author;
    expect(events.map(event => [event.creatorId, event.userId])).to.deep.equal(
      Array(3).fill([creatorId, userId]),
    );
    expect(events.map(event => [event.name, event.profileImageUrl])).to.deep.equal([
      [author.name, "https://images.example/author.png"],
      [content.name, content.profileImageUrl],
      [content.name, ""],
    ]);
    expect(events.map(event => event.version)).to.deep.equal([1n, 2n, 4n]);
  });

  async function changesOf(creatorId: bigint): Promise<CreatorChanged[]> {
    const sql = await connectAdmin(stack.mariadb.url);
    const rows: { body: string }[] = await sql.query(
      "SELECT body FROM creator.outbox WHERE type = ? AND body LIKE ? ORDER BY outbox_id",
      [CreatorChangedSchema.typeName, `%"creatorId":"${creatorId}"%`],
    );
    await sql.end();
    return rows.map(({ body }) => fromJsonString(CreatorChangedSchema, body));
  }

  it("counts each sale of a creator once, also of questions that have left the store", async () => {
    const [one, two] = [await signUpAuthor(stack), await signUpAuthor(stack)];
    const { userId } = await signUp(stack);
    const lineOf = (creatorId: bigint) => ({ questionId: unknownId, creatorId });
    const lines = [one.creatorId, two.creatorId, one.creatorId, unknownId].map(lineOf);
    const eventId = randomUUID();
    const purchase = { purchaseId: uuidv7(), userId, lines };
    await Promise.all([1, 2, 3].map(() => buying.publishPaid(purchase, eventId)));
    await buying.publishPaid({ purchaseId: uuidv7(), userId, lines: [lineOf(two.creatorId)] });
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
  const outcomes = await Promise.allSettled(calls);
  const refused = outcomes.filter(result => result.status === "rejected");
  return Promise.all(refused.map(async ({ reason }) => (await refusalOf(Promise.reject(reason))).reason));
}
