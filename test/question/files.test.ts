import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { uploadFile } from "#dev/demo/upload.ts";
import type { Stack } from "#dev/stack/stack.ts";
import type { Upload } from "#gen/questioncloud/common/v1/upload_pb.ts";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import {
  type Author,
  pdfFile,
  pngFile,
  present,
  signUpAuthor,
  writeDraft,
} from "../support/market/questions.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";

const spec = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 69n };

describe("files of questions", () => {
  let author: Author;
  let other: Author;
  let stack: Stack;

  before(async () => {
    stack = await sharedStack();
    author = await signUpAuthor(stack);
    other = await signUpAuthor(stack);
  });

  async function createUpload(questionId: bigint, file = spec): Promise<Upload> {
    return present((await author.authoring.createUpload({ questionId, file })).upload);
  }

  it("returns a URL that is bound to type, size and time", async () => {
    const { questionId } = await writeDraft(author);
    const before = Date.now();
    const { url, headers, expireTime } = await createUpload(questionId);
    const after = Date.now();
    const { pathname, searchParams } = new URL(url);
    expect(pathname).to.match(/\/staging\/[0-9a-f-]{36}$/);
    expect(searchParams.get("X-Amz-SignedHeaders")?.split(";")).to.include.members([
      "content-length",
      "content-type",
      "host",
    ]);
    expect(searchParams.get("X-Amz-Expires")).to.equal("900");
    expect([...searchParams.keys()].filter(key => /checksum/i.test(key))).to.deep.equal([]);
    expect(headers).to.deep.equal({ "content-type": "application/pdf" });
    const expireMs = Number(expireTime?.seconds) * 1000;
    expect(expireMs).to.be.within(before + 895_000, after + 905_000);
  });

  it("refuses, before the upload, a type or size that the kind does not allow", async () => {
    const { questionId } = await writeDraft(author);
    const mebibyte = 1024n * 1024n;
    const bad = [
      { ...spec, kind: FileKind.UNSPECIFIED },
      { ...spec, contentType: "text/html" },
      { ...spec, contentType: "image/png" },
      { ...spec, sizeBytes: 0n },
      { ...spec, sizeBytes: 20n * mebibyte + 1n },
      { kind: FileKind.PREVIEW, contentType: "image/png", sizeBytes: 5n * mebibyte + 1n },
      { kind: FileKind.THUMBNAIL, contentType: "application/pdf", sizeBytes: 1n },
      { kind: FileKind.THUMBNAIL, contentType: "image/png", sizeBytes: mebibyte + 1n },
    ];
    for (const file of bad) {
      const refused = await refusalOf(author.authoring.createUpload({ questionId, file }));
      expect(refused.reason).to.equal("BAD_REQUEST");
    }
  });

  it("accepts a file once and shows it to its creator", async () => {
    const { questionId } = await writeDraft(author);
    const { bytes, contentType } = pdfFile(FileKind.QUESTION);
    const { uploadId, url, headers } = await createUpload(questionId, {
      ...spec,
      sizeBytes: BigInt(bytes.length),
    });
    const early = await refusalOf(author.authoring.acceptUpload({ questionId, uploadId }));
    expect(early).to.include({ reason: "UPLOAD_NOT_FOUND", code: "FailedPrecondition" });
    await fetch(url, { method: "PUT", headers, body: bytes });
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => author.authoring.acceptUpload({ questionId, uploadId })),
    );
    const last = await author.authoring.acceptUpload({ questionId, uploadId: uploadId.toUpperCase() });
    for (const { question } of [...answers, last]) {
      expect(question?.version).to.equal(2);
      expect(question?.files).to.deep.equal(last.question?.files);
    }
    const [file] = last.question?.files ?? [];
    expect(file).to.deep.include({ kind: FileKind.QUESTION, contentType, sizeBytes: BigInt(bytes.length) });
    expect(await read(file?.url)).to.deep.equal(bytes);
  });

  it("keeps the accepted file when another is uploaded to the old URL", async () => {
    const { questionId } = await writeDraft(author);
    const { bytes } = pdfFile(FileKind.QUESTION);
    const { uploadId, url, headers } = await createUpload(questionId, {
      ...spec,
      sizeBytes: BigInt(bytes.length),
    });
    await fetch(url, { method: "PUT", headers, body: bytes });
    await author.authoring.acceptUpload({ questionId, uploadId });
    await fetch(url, { method: "PUT", headers, body: bytes.toReversed() });
    const { question } = await author.authoring.acceptUpload({ questionId, uploadId });
    expect(await read(question?.files[0]?.url)).to.deep.equal(bytes);
  });

  it("refuses a file that is not as specified, and accepts the right one afterwards", async () => {
    const { questionId } = await writeDraft(author);
    const { bytes } = pdfFile(FileKind.QUESTION);
    const { uploadId, url, headers } = await createUpload(questionId, {
      ...spec,
      sizeBytes: BigInt(bytes.length),
    });
    const wrong = [
      { body: bytes.subarray(1), cause: "size" },
      { body: new Uint8Array(), cause: "size" },
      { body: bytes, headers: { "content-type": "text/html" }, cause: "type" },
      { body: bytes.toReversed(), cause: "content" },
    ];
    for (const { cause, ...sent } of wrong) {
      await fetch(url, { method: "PUT", headers, ...sent });
      const refused = await refusalOf(author.authoring.acceptUpload({ questionId, uploadId }));
      expect(refused).to.deep.include({ reason: "INVALID_FILE", metadata: { cause } });
    }
    await fetch(url, { method: "PUT", headers, body: bytes });
    const { question } = await author.authoring.acceptUpload({ questionId, uploadId });
    expect(question?.version).to.equal(2);
  });

  it("replaces a file of the same kind", async () => {
    const { questionId } = await writeDraft(author);
    await uploadFile(author.authoring, questionId, pngFile(FileKind.PREVIEW));
    const better = pdfFile(FileKind.PREVIEW);
    await uploadFile(author.authoring, questionId, better);
    const { question } = await author.authoring.getOwnQuestion({ questionId });
    expect(question?.files.length).to.equal(1);
    expect(question?.files[0]?.contentType).to.equal("application/pdf");
    expect(await read(question?.files[0]?.url)).to.deep.equal(better.bytes);
  });

  it("belongs to one question of one creator", async () => {
    const { questionId } = await writeDraft(author);
    const { questionId: otherId } = await writeDraft(author);
    const { questionId: theirsId } = await writeDraft(other);
    const { uploadId } = await createUpload(questionId);
    const attempts = [
      () => other.authoring.acceptUpload({ questionId, uploadId }),
      () => other.authoring.acceptUpload({ questionId: theirsId, uploadId }),
      () => author.authoring.acceptUpload({ questionId: otherId, uploadId }),
      () => author.authoring.acceptUpload({ questionId, uploadId: randomUUID() }),
    ];
    for (const attempt of attempts) {
      expect((await refusalOf(attempt())).reason).to.equal("NOT_FOUND");
    }
    await author.authoring.deleteQuestion({ questionId });
    expect((await refusalOf(author.authoring.acceptUpload({ questionId, uploadId }))).reason).to.equal(
      "NOT_FOUND",
    );
  });
});

async function read(url: string | undefined): Promise<Uint8Array> {
  const answer = await fetch(url ?? "");
  expect(answer.status).to.equal(200);
  return new Uint8Array(await answer.arrayBuffer());
}
