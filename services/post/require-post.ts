import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { type CommentRow, findComment } from "./db/comments.ts";
import { findPost, type PostRow } from "./db/posts.ts";
import { notFound } from "./failures.ts";
import { requireBoard, requireReadableBoard } from "./require-board.ts";

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator">;

/** A post with its board; throws NOT_FOUND where there is none, and as requireBoard does. */
export async function requirePost(
  app: Dependencies,
  postId: bigint,
  context: WorkContext,
): Promise<{ post: PostRow; board: QuestionAccess }> {
  const post = await requireKnownPost(app, postId);
  return { post, board: await requireBoard(app, post.questionId, context) };
}

/** Like requirePost, and for administrators, who read every post that they moderate. */
export async function requireReadablePost(
  app: Dependencies,
  postId: bigint,
  context: WorkContext,
): Promise<{ post: PostRow; board: QuestionAccess }> {
  const post = await requireKnownPost(app, postId);
  return { post, board: await requireReadableBoard(app, post.questionId, context) };
}

/** Like requirePost; throws NOT_FOUND for a post of another user as well. */
export async function requireOwnPost(
  app: Dependencies,
  postId: bigint,
  context: WorkContext,
): Promise<{ post: PostRow; board: QuestionAccess }> {
  const post = await findPost(app.database, postId);
  if (post?.writerId !== userIdOf(context)) {
    throw notFound();
  }
  return { post, board: await requireBoard(app, post.questionId, context) };
}

async function requireKnownPost({ database }: Dependencies, postId: bigint): Promise<PostRow> {
  const post = await findPost(database, postId);
  if (post === undefined) {
    throw notFound();
  }
  return post;
}

/** A comment on a board that the caller may use. */
export async function requireComment(
  app: Dependencies,
  commentId: bigint,
  context: WorkContext,
): Promise<CommentRow> {
  const comment = await findComment(app.database, commentId);
  if (comment === undefined) {
    throw notFound();
  }
  await requirePost(app, comment.postId, context);
  return comment;
}

/** One of the caller's comments, on a board that the caller may still use. */
export async function requireOwnComment(
  app: Dependencies,
  commentId: bigint,
  context: WorkContext,
): Promise<CommentRow> {
  const comment = await findComment(app.database, commentId);
  if (comment?.writerId !== userIdOf(context)) {
    throw notFound();
  }
  await requirePost(app, comment.postId, context);
  return comment;
}
