import { expect } from "chai";
import { type Board, type Member, openBoard } from "../support/market/boards.ts";
import { pdfBytes, pngBytes } from "../support/market/questions.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const pdf = () => ({ contentType: "application/pdf", bytes: pdfBytes() });
const png = () => ({ contentType: "image/png", bytes: pngBytes() });

describe("files of posts", () => {
  let board: Board;
  let creator: Member;
  let owner: Member;
  let outsider: Member;
  let questionId: bigint;

  before(async () => {
    board = await openBoard(await sharedStack());
    ({ creator, owner, outsider, questionId } = board);
  });

  const download = async (reader: Member, postId: bigint, uploadId: string) => {
    const { url } = await reader.posts.createFileLink({ postId, uploadId });
    const answer = await fetch(url);
    expect(answer.status).to.equal(200);
    const disposition = new URL(url).searchParams.get("response-content-disposition") ?? "";
    return { bytes: await answer.bytes(), name: decodeURIComponent(disposition.replace(/.*''/, "")) };
  };

  it("are shown and downloaded by those who may use the board, under the name the writer gave", async () => {
    const [sheet, photo] = [pdf(), png()];
    const files = [
      { uploadId: await owner.upload(questionId, sheet), name: "내 풀이.pdf" },
      { uploadId: await owner.upload(questionId, photo), name: "사진.png" },
    ];
    const { postId, files: shown } = await owner.write(questionId, { files });
    expect(shown.map(({ name, contentType, sizeBytes }) => [name, contentType, sizeBytes])).to.deep.equal([
      ["내 풀이.pdf", "application/pdf", BigInt(sheet.bytes.length)],
      ["사진.png", "image/png", BigInt(photo.bytes.length)],
    ]);
    const found = await download(creator, postId, shown[0]?.uploadId ?? "");
    expect(found.bytes).to.deep.equal(sheet.bytes);
    expect(found.name).to.equal("내 풀이.pdf");
    const link = outsider.posts.createFileLink({ postId, uploadId: files[0]?.uploadId ?? "" });
    expect((await refusalOf(link)).reason).to.equal("NO_BOARD_ACCESS");
  });

  it("are replaced by an edit as a whole: kept, removed, added", async () => {
    const [first, second, third] = [
      { uploadId: await owner.upload(questionId, pdf()), name: "a.pdf" },
      { uploadId: await owner.upload(questionId, png()), name: "b.png" },
      { uploadId: await owner.upload(questionId, png()), name: "c.png" },
    ];
    const { postId } = await owner.write(questionId, { files: [first, second] });
    const content = { title: "고친 제목", body: "본문", files: [{ ...second, name: "새 이름.png" }, third] };
    const { post } = await owner.posts.updatePost({ postId, version: 1, content });
    expect(post?.files.map(({ name }) => name)).to.deep.equal(["새 이름.png", "c.png"]);
    const gone = creator.posts.createFileLink({ postId, uploadId: first.uploadId });
    expect((await refusalOf(gone)).reason).to.equal("NOT_FOUND");
    const { url } = await owner.posts.createFileLink({ postId, uploadId: third.uploadId });
    await owner.posts.deletePost({ postId });
    const deleted = owner.posts.createFileLink({ postId, uploadId: third.uploadId });
    expect((await refusalOf(deleted)).reason).to.equal("NOT_FOUND");
    // An old link shows that the bucket has lost the file.
    await until(async () => (await fetch(url)).status === 404);
  });

  it("belong to one post", async () => {
    const files = [{ uploadId: await owner.upload(questionId, pdf()), name: "a.pdf" }];
    const request = {
      requestId: crypto.randomUUID(),
      questionId,
      content: { title: "제목", body: "본문", files },
    };
    const answers = await Promise.all([1, 2, 3].map(() => owner.posts.createPost(request)));
    expect(new Set(answers.map(({ post }) => post?.postId)).size).to.equal(1);
    expect((await refusalOf(owner.write(questionId, { files }))).reason).to.equal("UPLOAD_NOT_FOUND");
    const { postId, version } = await owner.write(questionId);
    const edit = owner.posts.updatePost({ postId, version, content: { title: "제목", body: "본문", files } });
    expect((await refusalOf(edit)).reason).to.equal("UPLOAD_NOT_FOUND");
  });

  it("do not change when another file is uploaded to the old URL", async () => {
    const sheet = pdf();
    const sizeBytes = BigInt(sheet.bytes.length);
    const { upload } = await owner.posts.createUpload({
      questionId,
      contentType: sheet.contentType,
      sizeBytes,
    });
    const { url = "", headers, uploadId = "" } = upload ?? {};
    const put = (body: Uint8Array<ArrayBuffer>) =>
      fetch(url, { method: "PUT", headers: headers ?? {}, body });
    await put(sheet.bytes);
    const { postId } = await owner.write(questionId, { files: [{ uploadId, name: "a.pdf" }] });
    await put(sheet.bytes.toReversed());
    await owner.posts.updatePost({
      postId,
      version: 1,
      content: { title: "제목", body: "본문", files: [{ uploadId, name: "a.pdf" }] },
    });
    expect((await download(creator, postId, uploadId)).bytes).to.deep.equal(sheet.bytes);
  });

  it("are refused where nothing was uploaded, it is not as specified, or another user uploaded it", async () => {
    const sheet = pdf();
    const spec = { questionId, contentType: sheet.contentType, sizeBytes: BigInt(sheet.bytes.length) };
    const write = (uploadId: string) => owner.write(questionId, { files: [{ uploadId, name: "a.pdf" }] });
    const { upload: empty } = await owner.posts.createUpload(spec);
    expect(await refusalOf(write(empty?.uploadId ?? ""))).to.include({
      reason: "UPLOAD_NOT_FOUND",
      code: "FailedPrecondition",
    });
    const theirs = await creator.upload(questionId, sheet);
    expect((await refusalOf(write(theirs))).reason).to.equal("UPLOAD_NOT_FOUND");
    expect((await refusalOf(write(crypto.randomUUID()))).reason).to.equal("UPLOAD_NOT_FOUND");
    const wrong = await owner.upload(questionId, { ...sheet, bytes: sheet.bytes.toReversed() });
    expect(await refusalOf(write(wrong))).to.deep.include({
      reason: "INVALID_FILE",
      metadata: { cause: "content" },
    });
    const { postId, version } = await owner.write(questionId);
    const edit = (uploadId: string) => {
      const content = { title: "제목", body: "본문", files: [{ uploadId, name: "a.pdf" }] };
      return owner.posts.updatePost({ postId, version, content });
    };
    expect((await refusalOf(edit(theirs))).reason).to.equal("UPLOAD_NOT_FOUND");
    expect((await refusalOf(edit(wrong))).reason).to.equal("INVALID_FILE");
    expect((await owner.posts.getPost({ postId })).post?.version).to.equal(1);
  });

  it("are PDFs and images of at most 10 MiB", async () => {
    const bad = [
      { contentType: "text/html", sizeBytes: 1n },
      { contentType: "application/pdf", sizeBytes: 0n },
      { contentType: "application/pdf", sizeBytes: 10n * 1024n * 1024n + 1n },
    ];
    for (const file of bad) {
      expect((await refusalOf(owner.posts.createUpload({ questionId, ...file }))).reason).to.equal(
        "BAD_REQUEST",
      );
    }
  });
});
