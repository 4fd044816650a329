import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { uploadFile } from "#dev/demo/upload.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { AuthoringService, FileKind, QuestionState } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
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
} from "../support/market/questions.ts";
import { createPublicClient, reasonOf, refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("authoring questions", () => {
  let stack: Stack;
  let author: Author;
  let other: Author;

  before(async () => {
    stack = await sharedStack();
    author = await signUpAuthor(stack);
    other = await signUpAuthor(stack);
  });

  it("creates a draft that only its creator sees", async () => {
    const draft = await writeDraft(author);
    expect(draft).to.deep.include({ version: 1, state: QuestionState.DRAFT, files: [], salesCount: 0n });
    expect(draft.content).to.deep.include(contentWith());
    expect(draft.publishTime).to.equal(undefined);
    const { question } = await author.authoring.getOwnQuestion({ questionId: draft.questionId });
    expect(question).to.deep.equal(draft);
  });

  it("creates one draft for one request id, however often and in parallel it is sent", async () => {
    const requestId = randomUUID();
    const content = contentWith({ title: "한 번만" });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => author.authoring.createQuestion({ requestId, content })),
    );
    const upper = await author.authoring.createQuestion({ requestId: requestId.toUpperCase(), content });
    const ids = [...answers, upper].map(({ question }) => question?.questionId);
    expect(new Set(ids).size).to.equal(1);
    const changed = author.authoring.createQuestion({ requestId, content: contentWith({ level: 4 }) });
    expect(await refusalOf(changed)).to.include({
      reason: "IDEMPOTENCY_KEY_REUSED",
      code: "InvalidArgument",
    });
    const theirs = await other.authoring.createQuestion({ requestId, content });
    expect(theirs.question?.questionId).not.to.equal(ids[0]);
  });

  it("accepts only child categories of the subject", async () => {
    const { questionId, version } = await writeDraft(author);
    for (const categoryId of [categories.parent, categories.moles, 999_999n]) {
      const content = contentWith({ categoryId });
      const draft = author.authoring.createQuestion({ requestId: randomUUID(), content });
      expect(await refusalOf(draft)).to.include({ reason: "WRONG_CATEGORY", code: "FailedPrecondition" });
      const edit = author.authoring.updateQuestion({ questionId, version, content });
      expect((await refusalOf(edit)).reason).to.equal("WRONG_CATEGORY");
    }
  });

  it("refuses content that violates the contract", async () => {
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
      expect((await refusalOf(author.authoring.createQuestion(request))).reason).to.equal("BAD_REQUEST");
    }
    const longest = contentWith({
      title: "가".repeat(100),
      description: "나".repeat(5000),
      pricePoints: 1_000_000n,
    });
    const { question } = await author.authoring.createQuestion({ requestId: randomUUID(), content: longest });
    expect(question?.content).to.deep.include(longest);
  });

  it("lets one of two edits of one version win", async () => {
    const { questionId, version } = await writeDraft(author);
    const edits = ["하나", "둘", "셋", "넷"].map(title =>
      author.authoring.updateQuestion({ questionId, version, content: contentWith({ title }) }),
    );
    const outcomes = await Promise.allSettled(edits);
    const won = outcomes.filter(result => result.status === "fulfilled");
    const lost = outcomes.filter(result => result.status === "rejected");
    expect(won.length).to.equal(1);
    expect(lost.map(({ reason }) => reasonOf(reason))).to.deep.equal(Array(3).fill("EDIT_CONFLICT"));
    const { question } = await author.authoring.getOwnQuestion({ questionId });
    expect(question).to.deep.equal(won[0]?.value.question);
    expect(question?.version).to.equal(2);
  });

  it("keeps both an edit and a file that arrive at once", async () => {
    const { questionId, version } = await writeDraft(author);
    const content = contentWith({ title: "같이" });
    const [edit] = await Promise.allSettled([
      author.authoring.updateQuestion({ questionId, version, content }),
      uploadFile(author.authoring, questionId, pdfFile(FileKind.QUESTION)),
      uploadFile(author.authoring, questionId, pngFile(FileKind.PREVIEW)),
    ]);
    const { question } = await author.authoring.getOwnQuestion({ questionId });
    expect(question?.files.map(file => file.kind)).to.deep.equal([FileKind.QUESTION, FileKind.PREVIEW]);
    const title = edit.status === "fulfilled" ? "같이" : contentWith().title;
    expect(question?.content?.title).to.equal(title);
    expect(question?.version).to.equal(edit.status === "fulfilled" ? 4 : 3);
  });

  it("publishes a question that has a file and a preview, once", async () => {
    const { questionId } = await writeDraft(author);
    const refused = await refusalOf(author.authoring.publishQuestion({ questionId }));
    expect(refused).to.deep.include({
      reason: "QUESTION_NOT_READY",
      metadata: { missing: "question,preview" },
    });
    await uploadFile(author.authoring, questionId, pdfFile(FileKind.QUESTION));
    const almost = await refusalOf(author.authoring.publishQuestion({ questionId }));
    expect(almost.metadata).to.deep.equal({ missing: "preview" });
    await uploadFile(author.authoring, questionId, pdfFile(FileKind.PREVIEW));
    const { question } = await author.authoring.publishQuestion({ questionId });
    expect(question?.state).to.equal(QuestionState.PUBLISHED);
    expect(question?.publishTime).not.to.equal(undefined);
    const again = await author.authoring.publishQuestion({ questionId });
    expect(again.question).to.deep.equal(question);
  });

  it("deletes for good", async () => {
    const { questionId, version } = await publishQuestion(author);
    await author.authoring.deleteQuestion({ questionId });
    await author.authoring.deleteQuestion({ questionId });
    const content = contentWith();
    const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1n };
    const revivals = [
      () => author.authoring.getOwnQuestion({ questionId }),
      () => author.authoring.updateQuestion({ questionId, version, content }),
      () => author.authoring.publishQuestion({ questionId }),
      () => author.authoring.createUpload({ questionId, file }),
      () => author.promotions.listPromotions({ questionId }),
    ];
    for (const revive of revivals) {
      expect((await refusalOf(revive())).reason).to.equal("NOT_FOUND");
    }
    const { questions } = await author.authoring.listOwnQuestions({ pageSize: 100 });
    expect(questions.map(question => question.questionId)).not.to.include(questionId);
  });

  it("answers NOT_FOUND for questions of other creators", async () => {
    const { questionId, version } = await publishQuestion(author);
    const { authoring, promotions } = other;
    const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1n };
    const attempts = [
      () => authoring.getOwnQuestion({ questionId }),
      () => authoring.updateQuestion({ questionId, version, content: contentWith() }),
      () => authoring.publishQuestion({ questionId }),
      () => authoring.deleteQuestion({ questionId }),
      () => authoring.createUpload({ questionId, file }),
      () => authoring.acceptUpload({ questionId, uploadId: randomUUID() }),
      () => promotions.listPromotions({ questionId }),
      () => promotions.endPromotion({ questionId, promotionId: 1n }),
    ];
    for (const attempt of attempts) {
      expect(await refusalOf(attempt())).to.include({ reason: "NOT_FOUND", code: "NotFound" });
    }
    const { question } = await author.authoring.getOwnQuestion({ questionId });
    expect(question).to.include({ version, state: QuestionState.PUBLISHED });
  });

  it("lists a creator's own questions page by page, newest first", async () => {
    const prolific = await signUpAuthor(stack);
    const written: bigint[] = [];
    for (let count = 0; count < 5; count += 1) {
      written.unshift((await writeDraft(prolific)).questionId);
    }
    const seen: bigint[] = [];
    let pageToken = "";
    do {
      const page = await prolific.authoring.listOwnQuestions({ pageSize: 2, pageToken });
      seen.push(...page.questions.map(question => question.questionId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).to.deep.equal(written);
    const first = await prolific.authoring.listOwnQuestions({ pageSize: 2 });
    for (const token of ["forged", present(first.nextPageToken)]) {
      const refused = await refusalOf(other.authoring.listOwnQuestions({ pageToken: token }));
      expect(refused).to.include({ reason: "INVALID_PAGE_TOKEN", code: "InvalidArgument" });
    }
    expect((await refusalOf(prolific.authoring.listOwnQuestions({ pageSize: -1 }))).reason).to.equal(
      "BAD_REQUEST",
    );
  });

  it("never restores a deleted question, whatever runs in parallel", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { questionId, version } = await writeDraft(author);
      await Promise.allSettled([
        author.authoring.updateQuestion({ questionId, version, content: contentWith() }),
        uploadFile(author.authoring, questionId, pdfFile(FileKind.QUESTION)),
        author.authoring.deleteQuestion({ questionId }),
        author.authoring.publishQuestion({ questionId }),
      ]);
      expect((await refusalOf(author.authoring.getOwnQuestion({ questionId }))).reason).to.equal("NOT_FOUND");
    }
  });

  it("needs a signed-in user", async () => {
    const anonymous = createPublicClient(stack, AuthoringService);
    expect((await refusalOf(anonymous.listOwnQuestions({}))).code).to.equal("Unauthenticated");
  });
});
