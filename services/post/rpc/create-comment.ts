import type { CommentService, CreateCommentRequest } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { type CommentRow, findByRequest, insertComment } from "../db/comments.ts";
import { changeCommentCount, lockPost } from "../db/posts.ts";
import { notFound, requestIdReused, tooManyComments } from "../failures.ts";
import { requestHash } from "../request-hash.ts";
import { requirePost } from "../require-post.ts";
import { showComment } from "../show-comment.ts";

// So that a post can be deleted with its comments in one short transaction.
const maxComments = 1000;

export function createComment(app: Dependencies): Handler<typeof CommentService.method.createComment> {
  return async (request, context) => {
    const { board } = await requirePost(app, request.postId, context);
    const writer = { writerId: userIdOf(context), writtenByCreator: board.authored };
    const commentId = await app.database.transaction(tx => writeComment(tx, request, writer));
    return showComment(app, commentId, context);
  };
}

async function writeComment(
  tx: Tx,
  { requestId, postId, body }: CreateCommentRequest,
  writer: Pick<CommentRow, "writerId" | "writtenByCreator">,
): Promise<bigint> {
  const hash = requestHash(postId, body);
  const post = await lockPost(tx, postId);
  if (post === undefined) {
    throw notFound();
  }
  const commentId = await insertComment(tx, { ...writer, requestId, requestHash: hash, postId, body });
  if (commentId === undefined) {
    const known = await findByRequest(tx, writer.writerId, requestId);
    if (known?.requestHash.equals(hash) !== true) {
      throw requestIdReused();
    }
    return known.commentId;
  }
  if (post.commentCount >= maxComments) {
    throw tooManyComments();
  }
  await changeCommentCount(tx, postId, 1);
  return commentId;
}

type Dependencies = Pick<App, "database" | "entitlements" | "userDirectory">;
