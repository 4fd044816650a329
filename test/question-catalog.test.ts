import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { uploadFile } from "../dev/demo/upload.ts";
import type { Stack } from "../dev/stack.ts";
import { FileKind } from "../gen/questioncloud/question/v1/authoring_pb.ts";
import { CatalogService } from "../gen/questioncloud/question/v1/mesh_pb.ts";
import type { WorkContext } from "../kit/context.ts";
import type { Neighbour } from "../kit/neighbour.ts";
import { createMeshClient, onBehalfOf, refusalOf } from "./support/clients.ts";
import {
  type Author,
  categories,
  contentWith,
  pdfFile,
  present,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "./support/questions.ts";
import { sharedStack } from "./support/stack.ts";

const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 69n };

describe("the catalogue", () => {
  let stack: Stack;
  let author: Author;
  let stranger: Author;
  let catalog: Neighbour<typeof CatalogService> & { close(): void };
  let context: WorkContext;
  let creatorId: bigint;

  before(async () => {
    stack = await sharedStack();
    [author, stranger] = [await signUpAuthor(stack), await signUpAuthor(stack)];
    catalog = await createMeshClient(stack, { service: CatalogService, callee: "question", as: "creator" });
    ({ creatorId } = author);
  });
  after(() => catalog?.close());
  beforeEach(() => {
    context = onBehalfOf(author.userId);
  });

  const promotion = (salePricePoints: bigint) => ({
    title: "할인",
    salePricePoints,
    endTime: timestampFromMs(Date.now() + 3_600_000),
  });

  it("knows no question of another creator", async () => {
    const { questionId } = await publishQuestion(stranger);
    const question = { creatorId, questionId };
    const calls = [
      () => catalog.getAuthoredQuestion(question, context),
      () => catalog.replaceContent({ ...question, version: 1, content: contentWith() }, context),
      () => catalog.startUpload({ ...question, file }, context),
      () => catalog.finishUpload({ ...question, uploadId: randomUUID() }, context),
      () => catalog.publishDraft(question, context),
      () => catalog.deleteAuthoredQuestion(question, context),
      () => catalog.addPromotion({ ...question, content: promotion(500n) }, context),
      () => catalog.stopPromotion({ ...question, promotionId: 1n }, context),
      () => catalog.listAuthoredPromotions(question, context),
    ];
    for (const call of calls) {
      expect((await refusalOf(call())).reason).to.equal("NOT_FOUND");
    }
  });

  it("refuses content that does not fit", async () => {
    const { questionId, version } = await writeDraft(author);
    const question = { creatorId, questionId };
    const requestId = randomUUID();
    await catalog.createDraft({ creatorId, requestId, content: contentWith() }, context);
    const wrongCategory = contentWith({ categoryId: categories.parent });
    const cases = [
      [
        catalog.createDraft({ creatorId, requestId, content: contentWith({ level: 6 }) }, context),
        "IDEMPOTENCY_KEY_REUSED",
      ],
      [
        catalog.createDraft({ creatorId, requestId: randomUUID(), content: wrongCategory }, context),
        "WRONG_CATEGORY",
      ],
      [catalog.replaceContent({ ...question, version, content: wrongCategory }, context), "WRONG_CATEGORY"],
      [catalog.replaceContent({ ...question, version: 7, content: contentWith() }, context), "EDIT_CONFLICT"],
      [catalog.listAuthoredQuestions({ creatorId, pageToken: "forged" }, context), "INVALID_PAGE_TOKEN"],
      [catalog.publishDraft(question, context), "QUESTION_NOT_READY"],
    ] as const;
    const refusals = await Promise.all(cases.map(([call]) => refusalOf(call)));
    expect(refusals.map(({ reason }) => reason)).to.deep.equal(cases.map(([, reason]) => reason));
  });

  it("refuses files that were not sent or are not what was announced", async () => {
    const { questionId } = await writeDraft(author);
    const { upload } = await catalog.startUpload({ creatorId, questionId, file }, context);
    const { uploadId, url, headers } = present(upload);
    const finish = () => catalog.finishUpload({ creatorId, questionId, uploadId }, context);
    expect((await refusalOf(finish())).reason).to.equal("UPLOAD_NOT_FOUND");
    await fetch(url, { method: "PUT", headers, body: "no PDF" });
    expect(await refusalOf(finish())).to.deep.include({
      reason: "INVALID_FILE",
      metadata: { cause: "size" },
    });
  });

  it("keeps promotions apart, and below the price", async () => {
    const { questionId, version } = await publishQuestion(author);
    const question = { creatorId, questionId };
    const add = (salePricePoints: bigint) =>
      catalog.addPromotion({ ...question, content: promotion(salePricePoints) }, context);
    expect((await refusalOf(add(1000n))).reason).to.equal("WRONG_PROMOTION_PRICE");
    await add(500n);
    expect((await refusalOf(add(500n))).reason).to.equal("PROMOTION_CONFLICT");
    const content = contentWith({ pricePoints: 500n });
    const lower = catalog.replaceContent({ ...question, version, content }, context);
    expect((await refusalOf(lower)).reason).to.equal("WRONG_PROMOTION_PRICE");
  });

  it("never lets a deleted question come back, whatever comes at the same time", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { questionId, version } = await writeDraft(author);
      const question = { creatorId, questionId };
      await Promise.allSettled([
        catalog.replaceContent({ ...question, version, content: contentWith() }, context),
        uploadFile(author.workspace, questionId, pdfFile(FileKind.QUESTION)),
        catalog.deleteAuthoredQuestion(question, context),
        catalog.publishDraft(question, context),
      ]);
      expect((await refusalOf(catalog.getAuthoredQuestion(question, context))).reason).to.equal("NOT_FOUND");
    }
  });
});
