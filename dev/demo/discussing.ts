import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { NotificationKind, NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Shelf } from "./selling.ts";
import type { Person } from "./signing-up.ts";
import { must, mustRefuse, type Stage } from "./stage.ts";
import { putFile } from "./upload.ts";

/** Asks a question on the board of the first question, with a file, and gets an answer of its creator. */
export async function discuss(
  stage: Stage,
  { author, buyer, outsider }: Record<"author" | "buyer" | "outsider", Person>,
  [offer]: Shelf,
): Promise<void> {
  const { questionId, file: bytes } = offer;
  const posts = stage.api.client(PostService, buyer.token);
  const sizeBytes = BigInt(bytes.length);
  const { upload } = await posts.createUpload({ questionId, contentType: "application/pdf", sizeBytes });
  const uploadId = await putFile(upload, bytes);
  const content = {
    title: "대칭축을 찾는 방법이 궁금합니다",
    body: "풀이를 첨부했습니다. 어디에서 틀렸는지 봐 주세요.",
    files: [{ uploadId, name: "내 풀이.pdf" }],
  };
  const { post } = await posts.createPost({ requestId: randomUUID(), questionId, content });
  const { postId } = must(post, "the post");

  const { posts: board } = await stage.api.client(PostService, author.token).listCreatorPosts({});
  assert.deepEqual(
    board.map(each => [each.postId, each.questionTitle]),
    [[postId, offer.title]],
    "the creator sees the post among those on all own questions",
  );
  const { url } = await stage.api.client(PostService, author.token).createFileLink({ postId, uploadId });
  assert.deepEqual(await (await fetch(url)).bytes(), bytes, "the creator reads the buyer's file");
  const request = { requestId: randomUUID(), postId, body: "둘째 줄에서 주기를 반으로 잘못 보았네요." };
  await stage.api.client(CommentService, author.token).createComment(request);

  const comments = stage.api.client(CommentService, buyer.token);
  const { comments: answers } = await comments.listComments({ postId });
  assert.deepEqual(
    answers.map(each => [each.body, each.writtenByCreator]),
    [[request.body, true]],
    "the answer is marked as the creator's",
  );
  const kindsOf = async ({ token }: Person) => {
    const { notifications } = await stage.api.client(NotificationService, token).listNotifications({});
    return notifications.map(({ kind }) => kind);
  };
  assert.deepEqual(await kindsOf(author), [NotificationKind.NEW_POST], "the creator is told of the post");
  // Questions that were published just before the buyer subscribed may be told too.
  const told = await kindsOf(buyer);
  assert(told.includes(NotificationKind.NEW_COMMENT), "the buyer is told of the answer");
  const others = stage.api.client(PostService, outsider.token);
  await mustRefuse("NO_BOARD_ACCESS", others.listPosts({ questionId }));
}
