import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { uploadFile } from "#dev/demo/upload.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { CategoryAdminService } from "#gen/questioncloud/question/v1/category_admin_pb.ts";
import { type QuestionFilter, QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionSort, StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import {
  type Author,
  categories,
  contentWith,
  pngFile,
  present,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "../support/market/questions.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { walkPages } from "../support/rpc/walk-pages.ts";
import { participantStack } from "../support/stack/participant-stack.ts";
import { until } from "../support/stack/until.ts";

const shelf = [
  { title: "쉬운 로그", level: 1, pricePoints: 500n, categoryId: categories.logarithms },
  { title: "삼각함수 100%_할인", level: 4, pricePoints: 900n, categoryId: categories.trigonometry },
  {
    title: "극한의 킬러",
    level: 6,
    pricePoints: 3000n,
    categoryId: categories.limits,
    type: QuestionType.PAST,
  },
  {
    title: "몰과 화학식량",
    level: 4,
    pricePoints: 900n,
    subject: Subject.CHEMISTRY,
    categoryId: categories.moles,
  },
  { title: "로그 다시", level: 2, pricePoints: 500n, categoryId: categories.logarithms },
];

describe("the store", () => {
  let stack: Stack;
  let author: Author;
  let buyer: Person;
  let buying: Buying;
  let shelved: bigint[];
  const store = (person?: Person) => createPublicClient(stack, StoreService, { token: person?.token });

  before(async () => {
    stack = await participantStack();
    [author, buyer, buying] = [await signUpAuthor(stack), await signUp(stack), await openBuying(stack)];
    shelved = [];
    for (const parts of shelf) {
      const description = `해설이 있는 ${parts.level}단계 문항`;
      shelved.push((await publishQuestion(author, { description, ...parts })).questionId);
    }
  });
  after(() => buying?.close());

  type Filter = Partial<Omit<QuestionFilter, "$typeName" | "$unknown">>;
  /** All pages, as positions in the list of test questions. */
  async function list(sort: QuestionSort, parts: Filter = {}): Promise<number[]> {
    const filter = { creatorId: author.creatorId, ...parts };
    const ids = await walkPages(async request => {
      const { questions, nextPageToken } = await store().listQuestions({ ...request, sort, filter });
      return { ids: questions.map(question => question.questionId), nextPageToken };
    });
    return ids.map(id => shelved.indexOf(id));
  }

  it("shows a question with all its details", async () => {
    await uploadFile(author.authoring, present(shelved[0]), pngFile(FileKind.THUMBNAIL));
    const { question } = await store().getQuestion({ questionId: present(shelved[0]) });
    expect(question).to.deep.include({
      title: "쉬운 로그",
      subject: Subject.MATHEMATICS,
      parentCategoryTitle: "수1",
      categoryTitle: "지수와 로그",
      level: 1,
      pricePoints: 500n,
      owned: false,
    });
    expect(question?.description).not.to.equal("");
    expect(question?.promotion).to.equal(undefined);
    expect(question?.creator).to.include({
      creatorId: author.creatorId,
      name: author.name,
      profileImageUrl: "https://images.example/author.png",
    });
    for (const url of [question?.previewUrl, question?.thumbnailUrl]) {
      expect((await fetch(url ?? "")).headers.get("content-type")).to.equal("image/png");
      expect(Number(new URL(url ?? "").searchParams.get("X-Amz-Expires"))).to.be.at.least(600);
    }
  });

  it("sorts by each order, page by page, ties to the newer question", async () => {
    expect(await list(QuestionSort.LATEST)).to.deep.equal([4, 3, 2, 1, 0]);
    expect(await list(QuestionSort.LEVEL)).to.deep.equal([2, 3, 1, 4, 0]);
    expect(await list(QuestionSort.PRICE)).to.deep.equal([4, 0, 3, 1, 2]);
  });

  it("sorts by copies sold", async () => {
    const sell = (index: number) => {
      const line = { questionId: present(shelved[index]), creatorId: author.creatorId };
      return buyAndAnnounce(line);
    };
    await sell(1);
    const other = await signUp(stack);
    await sell(0);
    const line = { questionId: present(shelved[1]), creatorId: author.creatorId };
    await buyAndAnnounce(line, other);
    const counted = async () => {
      const { questions } = await store().listQuestions({ filter: { creatorId: author.creatorId } });
      return questions.map(question => question.salesCount).join() === "2,1,0,0,0";
    };
    await until(counted, "sales are counted");
    expect(await list(QuestionSort.UNSPECIFIED)).to.deep.equal([1, 0, 4, 3, 2]);
    expect(await list(QuestionSort.POPULARITY)).to.deep.equal([1, 0, 4, 3, 2]);
  });

  async function buyAndAnnounce(line: { questionId: bigint; creatorId: bigint }, person = buyer) {
    const { userId } = person;
    const purchaseId = await buying.buy(userId, [line.questionId]);
    await buying.publishPaid({ purchaseId, userId, lines: [line] });
  }

  it("applies every filter", async () => {
    const sort = QuestionSort.LATEST;
    expect(await list(sort, { subjects: [Subject.CHEMISTRY] })).to.deep.equal([3]);
    expect(await list(sort, { subjects: [Subject.CHEMISTRY, Subject.MATHEMATICS] })).to.have.length(5);
    expect(await list(sort, { categoryIds: [categories.logarithms] })).to.deep.equal([4, 0]);
    expect(await list(sort, { levels: [4, 6] })).to.deep.equal([3, 2, 1]);
    expect(await list(sort, { type: QuestionType.PAST })).to.deep.equal([2]);
    expect(await list(sort, { minPricePoints: 900n, maxPricePoints: 900n })).to.deep.equal([3, 1]);
    expect(await list(sort, { levels: [4], subjects: [Subject.MATHEMATICS] })).to.deep.equal([1]);
    expect(await list(sort, { creatorId: 2n ** 60n })).to.deep.equal([]);
  });

  it("finds any two syllables of a word in title and description, and initial consonants of the title", async () => {
    const sort = QuestionSort.LATEST;
    expect(await list(sort, { text: "로그" })).to.deep.equal([4, 0]);
    expect(await list(sort, { text: "각함" })).to.deep.equal([1]);
    expect(await list(sort, { text: "ㅅㄱㅎㅅ" })).to.deep.equal([1]);
    expect(await list(sort, { text: "해설" })).to.deep.equal([4, 3, 2, 1, 0]);
    expect(await list(sort, { text: "ㅎㅅㅇ" }), "of the description").to.deep.equal([]);
    expect(await list(sort, { text: "쉬운 로그" })).to.deep.equal([0]);
    expect(await list(sort, { text: "로그 4단계" })).to.deep.equal([]);
    for (const text of ["로그".normalize("NFD"), "로그!", "(로그)"]) {
      expect(await list(sort, { text }), text).to.deep.equal([4, 0]);
    }
    expect(await list(sort, { text: "１００％" })).to.deep.equal([1]);
    expect(await list(sort, { text: "%_" })).to.deep.equal([]);
    expect(await list(QuestionSort.PRICE, { text: "단계", levels: [4], maxPricePoints: 900n })).to.deep.equal(
      [3, 1],
    );
  });

  it("finds a question by its new text as soon as it was changed, and no more by the old", async () => {
    const { questionId } = await publishQuestion(author, { title: "벡터의 내적" });
    const found = async (text: string) => {
      const { questions } = await store().listQuestions({ filter: { creatorId: author.creatorId, text } });
      return questions.map(question => question.questionId);
    };
    expect(await found("벡터")).to.deep.equal([questionId]);
    const { question } = await author.authoring.getOwnQuestion({ questionId });
    const content = contentWith({ title: "공간도형" });
    await author.authoring.updateQuestion({ questionId, version: present(question).version, content });
    expect(await found("벡터")).to.deep.equal([]);
    expect(await found("공간")).to.deep.equal([questionId]);
    await author.authoring.deleteQuestion({ questionId });
    expect(await found("공간")).to.deep.equal([]);
  });

  it("marks owned questions for a signed-in caller alone", async () => {
    const reader = await signUp(stack);
    await buying.buy(reader.userId, [present(shelved[2])]);
    const ownedBy = async (person?: Person) => {
      const { questions } = await store(person).listQuestions({ filter: { creatorId: author.creatorId } });
      return questions.filter(question => question.owned).map(question => question.questionId);
    };
    expect(await ownedBy(reader)).to.deep.equal([shelved[2]]);
    expect(await ownedBy()).to.deep.equal([]);
    const { question } = await store(reader).getQuestion({ questionId: present(shelved[2]) });
    expect(question?.owned).to.equal(true);
  });

  it("shows only what is on sale", async () => {
    const { questionId: draftId } = await writeDraft(author);
    const { questionId: deletedId } = await publishQuestion(author);
    await author.authoring.deleteQuestion({ questionId: deletedId });
    expect(await list(QuestionSort.UNSPECIFIED)).to.have.length(5);
    for (const questionId of [draftId, deletedId, 2n ** 60n]) {
      expect(await refusalOf(store(author).getQuestion({ questionId }))).to.include({
        reason: "NOT_FOUND",
        code: "NotFound",
      });
    }
  });

  it("lets public pages be cached for half a minute, and signed-in ones not at all", async () => {
    const cacheControl = async (person?: Person) => {
      const seen = new Set<string | null>();
      const onHeader = (headers: Headers) => seen.add(headers.get("cache-control"));
      await store(person).listQuestions({}, { onHeader });
      await store(person).getQuestion({ questionId: present(shelved[0]) }, { onHeader });
      await store(person).listCategories({}, { onHeader });
      return [...seen];
    };
    expect(await cacheControl()).to.deep.equal(["public, max-age=30"]);
    expect(await cacheControl(buyer)).to.deep.equal(["private, no-store"]);
  });

  it("refuses page tokens of other lists and invalid filters", async () => {
    const { nextPageToken } = await store().listQuestions({ pageSize: 1 });
    const bad = [{ pageToken: "forged" }, { pageToken: nextPageToken, sort: QuestionSort.PRICE }];
    for (const request of [...bad, { pageToken: nextPageToken, filter: { levels: [1] } }]) {
      const refused = await refusalOf(store().listQuestions(request));
      expect(refused).to.include({ reason: "INVALID_PAGE_TOKEN", code: "InvalidArgument" });
    }
    const filters = [{ levels: [7] }, { subjects: [Subject.UNSPECIFIED] }, { text: "x".repeat(51) }];
    for (const filter of [...filters, { categoryIds: [0n] }, { creatorId: -1n }]) {
      expect((await refusalOf(store().listQuestions({ filter }))).reason).to.equal("BAD_REQUEST");
    }
    expect((await refusalOf(store().listQuestions({ pageSize: -1 }))).reason).to.equal("BAD_REQUEST");
    expect((await store().listQuestions({ pageSize: 2_000_000_000 })).questions.length).to.be.at.most(100);
  });

  it("has categories that operators administer", async () => {
    const admin = createPublicClient(stack, CategoryAdminService, {
      token: (await signUpAdmin(stack)).token,
    });
    const subject = Subject.PHYSICS;
    const title = `분류 ${randomUUID().slice(0, 8)}`;
    const { category: parent } = await admin.createCategory({ subject, title });
    const parentCategoryId = present(parent?.categoryId);
    const { category: child } = await admin.createCategory({ subject, parentCategoryId, title });
    const newTitle = `${title} 새`;
    const renamed = await admin.renameCategory({ categoryId: parentCategoryId, title: newTitle });
    expect(renamed.category).to.deep.include({ title: newTitle, children: [child] });
    const shown = async () => {
      const { subjects } = await store().listCategories({});
      return subjects.find(one => one.subject === subject)?.categories.at(-1);
    };
    expect(await until(async () => (await shown())?.title === newTitle && shown())).to.deep.equal(
      renamed.category,
    );
    const refusals = [
      [{ subject, title: newTitle }, "DUPLICATE_CATEGORY"],
      [{ subject, title: newTitle.normalize("NFD").replace(" ", "\u3000") }, "DUPLICATE_CATEGORY"],
      [{ subject, parentCategoryId: 999_999n, title }, "NOT_FOUND"],
      [{ subject, parentCategoryId: present(child?.categoryId), title }, "WRONG_CATEGORY"],
      [{ subject: Subject.BIOLOGY, parentCategoryId, title }, "WRONG_CATEGORY"],
      [{ subject, title: "\u00a0\u3164" }, "BAD_REQUEST"],
    ] as const;
    for (const [request, reason] of refusals) {
      expect((await refusalOf(admin.createCategory(request))).reason).to.equal(reason);
    }
    const { category: second } = await admin.createCategory({ subject, title: `${title} 둘` });
    const twice = await refusalOf(
      admin.renameCategory({ categoryId: present(second?.categoryId), title: newTitle }),
    );
    expect(twice).to.include({ reason: "DUPLICATE_CATEGORY", code: "AlreadyExists" });
    const absent = await refusalOf(admin.renameCategory({ categoryId: 999_999n, title }));
    expect(absent.reason).to.equal("NOT_FOUND");
    const buyerAsAdmin = createPublicClient(stack, CategoryAdminService, { token: buyer.token });
    expect((await refusalOf(buyerAsAdmin.createCategory({ subject, title }))).code).to.equal(
      "PermissionDenied",
    );
  });
});
