import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { uploadFile } from "#dev/demo/upload.ts";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { LibraryService, LibrarySort } from "#gen/questioncloud/question/v1/library_pb.ts";
import { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import {
  type Author,
  categories,
  contentWith,
  pdfFile,
  pngFile,
  present,
  publishQuestion,
  signUpAuthor,
} from "../support/market/questions.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { walkPages } from "../support/rpc/walk-pages.ts";
import { participantStack } from "../support/stack/participant-stack.ts";

describe("the library", () => {
  let stack: Stack;
  let author: Author;
  let buying: Buying;
  const library = (person?: Person) => createPublicClient(stack, LibraryService, { token: person?.token });

  before(async () => {
    stack = await participantStack();
    [author, buying] = [await signUpAuthor(stack), await openBuying(stack)];
  });
  after(() => buying?.close());

  it("keeps the version that was bought, even after the question is changed or deleted", async () => {
    const buyer = await signUp(stack);
    const { questionId } = await publishQuestion(author, { title: "첫 판" });
    const first = pdfFile(FileKind.QUESTION);
    await uploadFile(author.authoring, questionId, first);
    const purchaseId = await buying.buy(buyer.userId, [questionId]);
    await uploadFile(author.authoring, questionId, pdfFile(FileKind.QUESTION));
    await uploadFile(author.authoring, questionId, pdfFile(FileKind.EXPLANATION));
    await uploadFile(author.authoring, questionId, pngFile(FileKind.THUMBNAIL));
    const { question: now } = await author.authoring.getOwnQuestion({ questionId });
    const content = contentWith({ title: "둘째 판" });
    await author.authoring.updateQuestion({ questionId, version: present(now).version, content });
    await author.authoring.deleteQuestion({ questionId });
    const { questions } = await library(buyer).listOwnedQuestions({});
    expect(questions.length).to.equal(1);
    expect(questions[0]).to.deep.include({
      title: "첫 판",
      version: 4,
      purchaseId,
      parentCategoryTitle: "수1",
      categoryTitle: "지수와 로그",
      hasExplanation: false,
      thumbnailUrl: "",
    });
    expect(questions[0]?.creator?.name).to.equal(author.name);
    const { url } = await library(buyer).createDownloadLink({ questionId });
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).to.deep.equal(first.bytes);
    const explanation = library(buyer).createDownloadLink({ questionId, explanation: true });
    expect(await refusalOf(explanation)).to.include({ reason: "NOT_FOUND", code: "NotFound" });
  });

  it("returns a download URL for ten minutes, under the title, and records the first time", async () => {
    const buyer = await signUp(stack);
    const { questionId } = await publishQuestion(author, { title: "수열 (2) / 심화" });
    const explanation = pdfFile(FileKind.EXPLANATION);
    await uploadFile(author.authoring, questionId, explanation);
    await buying.buy(buyer.userId, [questionId]);
    const opened = () => downloadTime(buyer.userId, questionId);
    expect(await opened()).to.equal(null);
    const { url, expireTime } = await library(buyer).createDownloadLink({ questionId, explanation: true });
    const firstTime = await opened();
    expect(firstTime).to.be.instanceOf(Date);
    const address = new URL(url).searchParams;
    expect(address.get("X-Amz-Expires")).to.equal("600");
    const name = `attachment; filename*=UTF-8''${encodeURIComponent("수열 ")}%282%29${encodeURIComponent(" 심화 해설.pdf")}`;
    expect(address.get("response-content-disposition")).to.equal(name);
    expect(timestampDate(present(expireTime)).getTime() - Date.now()).to.be.within(540_000, 610_000);
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).to.deep.equal(explanation.bytes);
    await library(buyer).createDownloadLink({ questionId });
    expect(await opened()).to.deep.equal(firstTime);
  });

  async function downloadTime(userId: bigint, questionId: bigint): Promise<Date | null> {
    const sql = await connectAdmin(stack.mariadb.url);
    const [row] = await sql.query(
      "SELECT download_time FROM question.entitlement WHERE user_id = ? AND question_id = ?",
      [userId, questionId],
    );
    await sql.end();
    return row.download_time;
  }

  it("belongs to its owner", async () => {
    const [buyer, other] = [await signUp(stack), await signUp(stack)];
    const { questionId } = await publishQuestion(author);
    await buying.buy(buyer.userId, [questionId]);
    expect((await library(other).listOwnedQuestions({})).questions).to.deep.equal([]);
    for (const person of [other, author]) {
      const refused = await refusalOf(library(person).createDownloadLink({ questionId }));
      expect(refused).to.deep.include({
        reason: "NOT_OWNED_QUESTION",
        code: "PermissionDenied",
        metadata: { question_id: questionId.toString() },
      });
    }
    expect((await refusalOf(library().listOwnedQuestions({}))).code).to.equal("Unauthenticated");
    expect((await refusalOf(library().createDownloadLink({ questionId }))).code).to.equal("Unauthenticated");
  });

  it("is listed in each order, latest purchase first, page by page, narrowed by every filter", async () => {
    const buyer = await signUp(stack);
    const parts = [
      { title: "쉬운 로그", level: 1 },
      {
        title: "몰",
        description: "농도",
        level: 4,
        subject: Subject.CHEMISTRY,
        categoryId: categories.moles,
        type: QuestionType.PAST,
      },
      { title: "어려운 로그", level: 5, pricePoints: 5000n },
    ];
    const bought: bigint[] = [];
    for (const part of parts) {
      const { questionId } = await publishQuestion(author, part);
      await buying.buy(buyer.userId, [questionId]);
      bought.push(questionId);
    }
    type Request = Parameters<ReturnType<typeof library>["listOwnedQuestions"]>[0];
    const list = async (
      filter: NonNullable<Request["filter"]> = {},
      sort: LibrarySort = LibrarySort.UNSPECIFIED,
    ) => {
      const ids = await walkPages(async request => {
        const page = await library(buyer).listOwnedQuestions({ ...request, filter, sort });
        const { questions, nextPageToken } = page;
        return { ids: questions.map(question => question.questionId), nextPageToken };
      }, 1);
      return ids.map(id => bought.indexOf(id));
    };
    expect(await list()).to.deep.equal([2, 1, 0]);
    expect(await list({}, LibrarySort.LATEST_PURCHASE)).to.deep.equal([2, 1, 0]);
    expect(await list({}, LibrarySort.EARLIEST_PURCHASE)).to.deep.equal([0, 1, 2]);
    expect(await list({}, LibrarySort.LEVEL)).to.deep.equal([2, 1, 0]);
    expect(await list({ levels: [1, 5] }, LibrarySort.LEVEL)).to.deep.equal([2, 0]);
    expect(await list({ text: "ㅅㅇ" })).to.deep.equal([0]);
    expect(await list({ text: "농도" })).to.deep.equal([1]);
    expect(await list({ text: "농도", levels: [1] })).to.deep.equal([]);
    expect(await list({ categoryIds: [categories.logarithms] })).to.deep.equal([2, 0]);
    expect(await list({ type: QuestionType.PAST })).to.deep.equal([1]);
    expect(await list({ text: "로그" })).to.deep.equal([2, 0]);
    expect(await list({ text: "로그".normalize("NFD") })).to.deep.equal([2, 0]);
    expect(await list({ subjects: [Subject.CHEMISTRY] })).to.deep.equal([1]);
    expect(await list({ levels: [1, 4] })).to.deep.equal([1, 0]);
    expect(await list({ minPricePoints: 2000n })).to.deep.equal([2]);
    expect(await list({ creatorId: author.creatorId })).to.deep.equal([2, 1, 0]);
    expect(await list({ creatorId: author.creatorId + 1n })).to.deep.equal([]);
    const { nextPageToken } = await library(buyer).listOwnedQuestions({ pageSize: 1 });
    const other = await signUp(stack);
    const refused = await refusalOf(library(other).listOwnedQuestions({ pageToken: nextPageToken }));
    expect(refused).to.include({ reason: "INVALID_PAGE_TOKEN", code: "InvalidArgument" });
  });
});
