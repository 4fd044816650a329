import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  CreateCommentRequestSchema,
  DeleteCommentRequestSchema,
  UpdateCommentRequestSchema,
} from "#gen/questioncloud/post/v1/comment_pb.ts";
import {
  CreatePostRequestSchema,
  DeletePostRequestSchema,
  UpdatePostRequestSchema,
} from "#gen/questioncloud/post/v1/post_pb.ts";
import {
  CheckQuestionsResponseSchema,
  type QuestionAccessSchema,
} from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { BatchGetUsersResponseSchema } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { PublicUserState } from "#gen/questioncloud/user/v1/user_pb.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type App, createApp } from "#services/post/app.ts";
import { config } from "#services/post/config.ts";
import { createComment } from "#services/post/rpc/create-comment.ts";
import { createPost } from "#services/post/rpc/create-post.ts";
import { deleteComment } from "#services/post/rpc/delete-comment.ts";
import { deletePost } from "#services/post/rpc/delete-post.ts";
import { updateComment } from "#services/post/rpc/update-comment.ts";
import { updatePost } from "#services/post/rpc/update-post.ts";
import { callContextOf } from "../support/component/call-context.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { refusalOf } from "../support/rpc/clients.ts";

const content = { title: "제목", body: "본문" };

// What a buyer has of a question does not end yet, so here the question service is a fake.
describe("a user who may not use a board any more", () => {
  const caller = callContextOf(1n);
  let access: MessageInitShape<typeof QuestionAccessSchema>;
  let app: App;

  before(async () => {
    const env = { ...(await componentEnvironment("post")), POST_BUCKET: "bucket" };
    app = await createApp(readConfig(env, config), {
      entitlements: {
        checkQuestions: async () => create(CheckQuestionsResponseSchema, { questions: [access] }),
      },
      userDirectory: {
        batchGetUsers: async ({ userIds = [] }) =>
          create(BatchGetUsersResponseSchema, {
            users: userIds.map(() => ({ name: "구매자", state: PublicUserState.ACTIVE })),
          }),
      },
    });
  });
  after(() => app?.close());

  it("neither edits nor deletes posts and comments there, and does so again with access", async () => {
    const bought = { questionId: 1n, creatorId: 2n, creatorUserId: 3n, onSale: true, owned: true };
    access = bought;
    const requestId = crypto.randomUUID();
    const postRequest = create(CreatePostRequestSchema, { requestId, questionId: 1n, content });
    const { post } = await createPost(app)(postRequest, caller);
    const postId = post?.postId ?? 0n;
    const commentRequest = create(CreateCommentRequestSchema, { requestId, postId, body: "댓글" });
    const { comment } = await createComment(app)(commentRequest, caller);
    const commentId = comment?.commentId ?? 0n;
    const edit = create(UpdateCommentRequestSchema, { commentId, version: 1, body: "고침" });
    const attempts = [
      () => updatePost(app)(create(UpdatePostRequestSchema, { postId, version: 1, content }), caller),
      () => updateComment(app)(edit, caller),
      () => deleteComment(app)(create(DeleteCommentRequestSchema, { commentId }), caller),
      () => deletePost(app)(create(DeletePostRequestSchema, { postId }), caller),
    ];
    for (const [without, reason] of [
      [{ ...bought, owned: false }, "NO_BOARD_ACCESS"],
      [{ ...bought, owned: false, onSale: false }, "NOT_FOUND"],
    ] as const) {
      access = without;
      for (const attempt of attempts) {
        expect((await refusalOf(attempt())).reason).to.equal(reason);
      }
    }
    access = { ...bought, onSale: false };
    for (const attempt of attempts) {
      await attempt();
    }
  });
});
