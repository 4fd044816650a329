import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  CreatePostRequestSchema,
  DeletePostRequestSchema,
  UpdatePostRequestSchema,
} from "#gen/questioncloud/post/v1/post_pb.ts";
import {
  CheckQuestionsResponseSchema,
  QuestionAccessSchema,
} from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { BatchGetUsersResponseSchema } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { type Failure, reasonName } from "#kit/contract/failure.ts";
import type { FoundFile } from "#kit/files/file-spec.ts";
import { insertUpload } from "#kit/files/uploads.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type App, createApp } from "#services/post/app.ts";
import { config } from "#services/post/config.ts";
import { removeFiles } from "#services/post/jobs/remove-files.ts";
import { createPost } from "#services/post/rpc/create-post.ts";
import { deletePost } from "#services/post/rpc/delete-post.ts";
import { updatePost } from "#services/post/rpc/update-post.ts";
import { callContextOf } from "../support/component/call-context.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { filesInMemory } from "../support/component/files.ts";
import { pdfBytes } from "../support/market/questions.ts";

const questionId = 1n;
const writerId = 11n;
const contentType = "application/pdf";

describe("the bucket of the post service", () => {
  const bucket = new Map<string, FoundFile>();
  let app: App;

  before(async function () {
    this.timeout(120_000);
    const env = { ...(await componentEnvironment("post")), POST_BUCKET: "posts" };
    app = await createApp(readConfig(env, config), {
      files: filesInMemory(bucket),
      entitlements: {
        checkQuestions: async () => create(CheckQuestionsResponseSchema, { questions: [board] }),
      },
      userDirectory: { batchGetUsers: async () => create(BatchGetUsersResponseSchema, { users: [{}] }) },
    });
  });
  beforeEach(() => bucket.clear());
  after(() => app?.close());

  const board = create(QuestionAccessSchema, { questionId, creatorId: 2n, creatorUserId: 12n, owned: true });

  async function upload(head = pdfBytes()): Promise<string> {
    const spec = { contentType, sizeBytes: head.length };
    const uploadId = await app.database.transaction(tx =>
      insertUpload(tx, { ownerId: writerId, kind: 0, ...spec }, app.config.files),
    );
    bucket.set(`staging/${uploadId}`, { ...spec, head });
    return uploadId;
  }

  const write = (...uploadIds: readonly string[]) => {
    const files = uploadIds.map(uploadId => ({ uploadId, name: "a.pdf" }));
    const content = { title: "제목", body: "본문", files };
    const request = create(CreatePostRequestSchema, {
      requestId: crypto.randomUUID(),
      questionId,
      content,
    });
    return createPost(app)(request, callContextOf(writerId));
  };
  const reasonOf = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      ({ reason }: Failure) => reasonName(reason),
    );
  const copies = () => [...bucket.keys()].filter(key => key.startsWith("files/")).length;

  it("keeps no copy of a file whose post is refused for another file", async () => {
    const good = [await upload(), await upload()];
    const missing = await upload();
    bucket.delete(`staging/${missing}`);
    const wrong = await upload(pdfBytes().toReversed());
    for (const [bad, reason] of [
      [crypto.randomUUID(), "UPLOAD_NOT_FOUND"],
      [missing, "UPLOAD_NOT_FOUND"],
      [wrong, "INVALID_FILE"],
    ] as const) {
      expect(await reasonOf(write(...good, bad))).to.equal(reason);
      expect(copies()).to.equal(0);
    }
    await write(...good);
    expect(copies()).to.equal(2);
  });

  it("keeps no second copy of a file that another post has", async () => {
    const [taken, free] = [await upload(), await upload()];
    await write(taken);
    expect(await reasonOf(write(free, taken))).to.equal("UPLOAD_NOT_FOUND");
    expect(copies()).to.equal(1);
  });

  it("keeps one copy of a file that several posts and edits name at once", async () => {
    const { post } = await write();
    const uploadId = await upload();
    const content = { title: "제목", body: "본문", files: [{ uploadId, name: "a.pdf" }] };
    const edit = create(UpdatePostRequestSchema, { postId: post?.postId ?? 0n, version: 1, content });
    const calls = [
      ...[1, 2, 3, 4].map(() => write(uploadId)),
      ...[1, 2].map(() => updatePost(app)(edit, callContextOf(writerId))),
    ];
    const reasons = await Promise.all(calls.map(reasonOf));
    expect(reasons.filter(reason => reason === undefined).length).to.equal(1);
    expect(copies()).to.equal(1);
  });

  it("keeps nothing of a file whose post is deleted, neither the copy nor what was uploaded", async () => {
    const { post } = await write(await upload());
    expect(bucket.size).to.equal(2);
    const postId = post?.postId ?? 0n;
    await deletePost(app)(create(DeletePostRequestSchema, { postId }), callContextOf(writerId));
    const job = removeFiles(app);
    await job.run(new AbortController().signal);
    await job.finish?.();
    expect([...bucket.keys()]).to.deep.equal([]);
  });
});
