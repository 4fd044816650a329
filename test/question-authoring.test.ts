import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { uploadFile } from "../dev/demo/upload.ts";
import type { Stack } from "../dev/stack.ts";
import { WorkspaceService } from "../gen/questioncloud/creator/v1/creator_pb.ts";
import { FileKind, QuestionState } from "../gen/questioncloud/question/v1/authoring_pb.ts";
import { CatalogService } from "../gen/questioncloud/question/v1/mesh_pb.ts";
import { QuestionType, Subject } from "../gen/questioncloud/question/v1/question_pb.ts";
import { createMeshClient, createPublicClient, onBehalfOf, reasonOf, refusalOf } from "./support/clients.ts";
import {
  type Author,
  categories,
  contentWith,
  pdfFile,
  pngFile,
  present,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "./support/questions.ts";
import { sharedStack } from "./support/stack.ts";

describe("writing questions", () => {
  let stack: Stack;
  let author: Author;
  let stranger: Author;

  before(async () => {
    stack = await sharedStack();
    author = await signUpAuthor(stack);
    stranger = await signUpAuthor(stack);
  });

  it("makes a draft that only its creator sees", async () => {
    const draft = await writeDraft(author);
    expect(draft).to.deep.include({ version: 1, state: QuestionState.DRAFT, files: [], salesCount: 0n });
    expect(draft.content).to.deep.include(contentWith());
    expect(draft.publishTime).to.equal(undefined);
    const { question } = await author.workspace.getOwnQuestion({ questionId: draft.questionId });
    expect(question).to.deep.equal(draft);
  });

  it("makes one draft for one request id, however often and in parallel it is sent", async () => {
    const requestId = randomUUID();
    const content = contentWith({ title: "한 번만" });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => author.workspace.createQuestion({ requestId, content })),
    );
    const upper = await author.workspace.createQuestion({ requestId: requestId.toUpperCase(), content });
    const ids = [...answers, upper].map(({ question }) => question?.questionId);
    expect(new Set(ids).size).to.equal(1);
    const other = author.workspace.createQuestion({ requestId, content: contentWith({ level: 4 }) });
    expect(await refusalOf(other)).to.include({ reason: "IDEMPOTENCY_KEY_REUSED", code: "InvalidArgument" });
    const theirs = await stranger.workspace.createQuestion({ requestId, content });
    expect(theirs.question?.questionId).not.to.equal(ids[0]);
  });

  it("takes child categories of the subject only", async () => {
    const { questionId, version } = await writeDraft(author);
    for (const categoryId of [categories.parent, categories.moles, 999_999n]) {
      const content = contentWith({ categoryId });
      const draft = author.workspace.createQuestion({ requestId: randomUUID(), content });
      expect(await refusalOf(draft)).to.include({ reason: "WRONG_CATEGORY", code: "FailedPrecondition" });
      const edit = author.workspace.updateQuestion({ questionId, version, content });
      expect((await refusalOf(edit)).reason).to.equal("WRONG_CATEGORY");
    }
  });

  it("checks what is written", async () => {
    const bad = [
      { title: " " },
      { title: "가".repeat(101) },
      { description: "" },
      { description: "가".repeat(5001) },
      { subject: Subject.UNSPECIFIED },
      { subject: 99 as Subject },
      { type: QuestionType.UNSPECIFIED },
      { level: 0 },
      { level: 7 },
      { pricePoints: 99n },
      { pricePoints: 1_000_001n },
      { categoryId: 0n },
    ];
    for (const parts of bad) {
      const request = { requestId: randomUUID(), content: contentWith(parts) };
      expect((await refusalOf(author.workspace.createQuestion(request))).reason).to.equal("BAD_REQUEST");
    }
    const longest = contentWith({
      title: "가".repeat(100),
      description: "나".repeat(5000),
      pricePoints: 1_000_000n,
    });
    const { question } = await author.workspace.createQuestion({ requestId: randomUUID(), content: longest });
    expect(question?.content).to.deep.include(longest);
  });

  it("lets one of two edits of one version win", async () => {
    const { questionId, version } = await writeDraft(author);
    const edits = ["하나", "둘", "셋", "넷"].map(title =>
      author.workspace.updateQuestion({ questionId, version, content: contentWith({ title }) }),
    );
    const settled = await Promise.allSettled(edits);
    const won = settled.filter(result => result.status === "fulfilled");
    const lost = settled.filter(result => result.status === "rejected");
    expect(won.length).to.equal(1);
    expect(lost.map(({ reason }) => reasonOf(reason))).to.deep.equal(Array(3).fill("EDIT_CONFLICT"));
    const { question } = await author.workspace.getOwnQuestion({ questionId });
    expect(question).to.deep.equal(won[0]?.value.question);
    expect(question?.version).to.equal(2);
  });

  it("keeps both an edit and a file that arrive at once", async () => {
    const { questionId, version } = await writeDraft(author);
    const content = contentWith({ title: "같이" });
    const [edit] = await Promise.allSettled([
      author.workspace.updateQuestion({ questionId, version, content }),
      uploadFile(author.workspace, questionId, pdfFile(FileKind.QUESTION)),
      uploadFile(author.workspace, questionId, pngFile(FileKind.PREVIEW)),
    ]);
    const { question } = await author.workspace.getOwnQuestion({ questionId });
    expect(question?.files.map(file => file.kind)).to.deep.equal([FileKind.QUESTION, FileKind.PREVIEW]);
    const title = edit.status === "fulfilled" ? "같이" : contentWith().title;
    expect(question?.content?.title).to.equal(title);
    expect(question?.version).to.equal(edit.status === "fulfilled" ? 4 : 3);
  });

  it("publishes what has a file and a preview, once", async () => {
    const { questionId } = await writeDraft(author);
    const refused = await refusalOf(author.workspace.publishQuestion({ questionId }));
    expect(refused).to.deep.include({
      reason: "QUESTION_NOT_READY",
      metadata: { missing: "question,preview" },
    });
    await uploadFile(author.workspace, questionId, pdfFile(FileKind.QUESTION));
    const almost = await refusalOf(author.workspace.publishQuestion({ questionId }));
    expect(almost.metadata).to.deep.equal({ missing: "preview" });
    await uploadFile(author.workspace, questionId, pdfFile(FileKind.PREVIEW));
    const { question } = await author.workspace.publishQuestion({ questionId });
    expect(question?.state).to.equal(QuestionState.PUBLISHED);
    expect(question?.publishTime).not.to.equal(undefined);
    const again = await author.workspace.publishQuestion({ questionId });
    expect(again.question).to.deep.equal(question);
  });

  it("deletes for good", async () => {
    const { questionId, version } = await publishQuestion(author);
    await author.workspace.deleteQuestion({ questionId });
    await author.workspace.deleteQuestion({ questionId });
    const content = contentWith();
    const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1n };
    const revivals = [
      () => author.workspace.getOwnQuestion({ questionId }),
      () => author.workspace.updateQuestion({ questionId, version, content }),
      () => author.workspace.publishQuestion({ questionId }),
      () => author.workspace.createUpload({ questionId, file }),
      () => author.workspace.listPromotions({ questionId }),
    ];
    for (const revive of revivals) {
      expect((await refusalOf(revive())).reason).to.equal("NOT_FOUND");
    }
    const { questions } = await author.workspace.listOwnQuestions({ pageSize: 100 });
    expect(questions.map(question => question.questionId)).not.to.include(questionId);
  });

  it("hides the questions of others as if they were absent", async () => {
    const { questionId, version } = await publishQuestion(author);
    const { workspace } = stranger;
    const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1n };
    const attempts = [
      () => workspace.getOwnQuestion({ questionId }),
      () => workspace.updateQuestion({ questionId, version, content: contentWith() }),
      () => workspace.publishQuestion({ questionId }),
      () => workspace.deleteQuestion({ questionId }),
      () => workspace.createUpload({ questionId, file }),
      () => workspace.acceptUpload({ questionId, uploadId: randomUUID() }),
      () => workspace.listPromotions({ questionId }),
      () => workspace.endPromotion({ questionId, promotionId: 1n }),
    ];
    for (const attempt of attempts) {
      expect(await refusalOf(attempt())).to.include({ reason: "NOT_FOUND", code: "NotFound" });
    }
    const { question } = await author.workspace.getOwnQuestion({ questionId });
    expect(question).to.include({ version, state: QuestionState.PUBLISHED });
  });

  it("lists own questions page by page, newest first", async () => {
    const prolific = await signUpAuthor(stack);
    const written: bigint[] = [];
    for (let count = 0; count < 5; count += 1) {
      written.unshift((await writeDraft(prolific)).questionId);
    }
    const seen: bigint[] = [];
    let pageToken = "";
    do {
      const page = await prolific.workspace.listOwnQuestions({ pageSize: 2, pageToken });
      seen.push(...page.questions.map(question => question.questionId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).to.deep.equal(written);
    const first = await prolific.workspace.listOwnQuestions({ pageSize: 2 });
    for (const token of ["forged", present(first.nextPageToken)]) {
      const refused = await refusalOf(stranger.workspace.listOwnQuestions({ pageToken: token }));
      expect(refused).to.include({ reason: "INVALID_PAGE_TOKEN", code: "InvalidArgument" });
    }
    expect((await refusalOf(prolific.workspace.listOwnQuestions({ pageSize: -1 }))).reason).to.equal(
      "BAD_REQUEST",
    );
  });

  it("is for creators who are signed in, and the catalogue for neighbours", async () => {
    const anonymous = createPublicClient(stack, WorkspaceService);
    expect((await refusalOf(anonymous.listOwnQuestions({}))).code).to.equal("Unauthenticated");
    const wiring = { service: CatalogService, callee: "question" };
    const pay = await createMeshClient(stack, { ...wiring, as: "pay" });
    const { creatorId, userId } = author;
    const refused = await refusalOf(pay.listAuthoredQuestions({ creatorId }, onBehalfOf(userId)));
    expect(refused.reason).to.equal("INTERNAL_SERVER_ERROR");
    pay.close();
  });
});
