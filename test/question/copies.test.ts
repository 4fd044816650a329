import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import {
  AcceptUploadRequestSchema,
  DeleteQuestionRequestSchema,
  FileKind,
} from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { FoundFile } from "#kit/files/file-spec.ts";
import { insertUpload } from "#kit/files/uploads.ts";
import type { App } from "#services/question/app.ts";
import { acceptUpload } from "#services/question/rpc/accept-upload.ts";
import { deleteQuestion } from "#services/question/rpc/delete-question.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { filesInMemory } from "../support/component/files.ts";
import { addCreator, addReadyDraft, callOf, openQuestionApp } from "../support/component/question.ts";
import { pdfBytes } from "../support/market/questions.ts";
import { reasonOf } from "../support/rpc/clients.ts";

const creatorId = 7n;
const contentType = "application/pdf";

describe("the bucket of the question service", () => {
  const bucket = new Map<string, FoundFile>();
  const author = callOf(creatorId);
  let app: App;
  let questionId: bigint;

  before(async function () {
    this.timeout(120_000);
    app = await openQuestionApp(await componentEnvironment("question"), { files: filesInMemory(bucket) });
    await addCreator(app, creatorId);
  });
  beforeEach(async () => {
    bucket.clear();
    questionId = await addReadyDraft(app, creatorId);
  });
  after(() => app?.close());

  async function upload(): Promise<string> {
    const head = pdfBytes();
    const spec = { contentType, sizeBytes: head.length };
    const uploadId = await app.database.transaction(tx =>
      insertUpload(tx, { ownerId: questionId, kind: FileKind.QUESTION, ...spec }, app.config.files),
    );
    bucket.set(`staging/${uploadId}`, { ...spec, head });
    return uploadId;
  }

  const accept = (uploadId: string, replaced: Partial<App> = {}) =>
    acceptUpload({ ...app, ...replaced })(
      create(AcceptUploadRequestSchema, { questionId, uploadId }),
      author,
    );
  const refusalOf = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      error => reasonOf(error),
    );
  const copies = () => [...bucket.keys()].filter(key => key.startsWith("files/"));
  /** The files, where something happens between the check of an upload and its copy. */
  const interrupted = (happens: (key: string) => unknown): App["files"] => ({
    ...app.files,
    async copy(fromKey, toKey) {
      await happens(fromKey);
      return app.files.copy(fromKey, toKey);
    },
  });

  it("keeps one copy of a file that several calls accept at once", async () => {
    const uploadId = await upload();
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => accept(uploadId)));
    expect(copies().length).to.equal(1);
    for (const { question } of answers) {
      expect(question?.version).to.equal(3);
      expect(question?.files?.map(({ url }) => url)).to.include(copies()[0]);
    }
  });

  it("keeps no copy of a file that another one replaces after its check", async () => {
    const wrong = { contentType, sizeBytes: pdfBytes().length, head: pdfBytes().toReversed() };
    const files = interrupted(key => bucket.set(key, wrong));
    expect(await refusalOf(accept(await upload(), { files }))).to.equal("INVALID_FILE");
    expect(copies()).to.deep.equal([]);
  });

  it("keeps no copy of a file whose question is deleted meanwhile", async () => {
    const request = create(DeleteQuestionRequestSchema, { questionId });
    const files = interrupted(() => deleteQuestion(app)(request, author));
    expect(await refusalOf(accept(await upload(), { files }))).to.equal("NOT_FOUND");
    expect(copies()).to.deep.equal([]);
  });

  it("keeps the copy of a file where the database does not answer whether it is stored", async () => {
    const transaction = () => Promise.reject(new Failure(Reason.SERVICE_UNAVAILABLE));
    const database = { ...app.database, transaction };
    expect(await refusalOf(accept(await upload(), { database }))).to.equal("SERVICE_UNAVAILABLE");
    expect(copies().length).to.equal(1);
  });
});
