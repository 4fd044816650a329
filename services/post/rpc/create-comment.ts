import type { CommentService, CreateCommentRequest } from "#gen/questioncloud/post/v1/comment_pb.ts";
import type { QuestionAccess } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { type CommentRow, findByRequest, findComment, insertComment } from "../db/comments.ts";
import { changeCommentCount, lockPost } from "../db/posts.ts";
import { notFound, requestIdReused, tooManyComments } from "../failures.ts";
import { notify } from "../notify.ts";
import { requestHash } from "../request-hash.ts";
import { requirePost } from "../require-post.ts";
import { showComment } from "../show-comment.ts";

// So that a post can be deleted with its comments in one short transaction.
const maxComments = 1000;

export function createComment(app: Dependencies): Handler<typeof CommentService.method.createComment> {
  return async (request, context) => {
    const { board } = await requirePost(app, request.postId, context);
    const writerId = userIdOf(context);
    const commentId = await app.database.transaction(tx =>
      writeComment(tx, app, request, { writerId, board }),
    );
    return showComment(app, commentId, context);
  };
}

async function writeComment(
  tx: Tx,
  app: Dependencies,
  { requestId, postId, body, parentCommentId }: CreateCommentRequest,
  { writerId, board }: { writerId: bigint; board: QuestionAccess },
): Promise<bigint> {
  const hash = requestHash(postId, `${parentCommentId} ${body}`);
  const post = await lockPost(tx, postId);
  if (post === undefined) {
    throw notFound();
  }
  const known = await findByRequest(tx, writerId, requestId);
  if (known !== undefined) {
    if (!known.requestHash.equals(hash)) {
      throw requestIdReused();
    }
    return known.commentId;
  }
  const parent = await requireParent(tx, postId, parentCommentId);
  const comment = {
    postId,
    parentCommentId: parent?.commentId ?? null,
    writerId,
    body,
    writtenByCreator: board.authored,
  };
  const commentId = await insertComment(tx, { ...comment, requestId, requestHash: hash });
  if (commentId === undefined) {
    // At the same time, for another post.
    throw requestIdReused();
  }
  if (post.commentCount >= maxComments) {
    throw tooManyComments();
  }
  await changeCommentCount(tx, postId, 1);
  const subject = { kind: "NEW_COMMENT", questionId: post.questionId, postId, commentId } as const;
  const told = [post.writerId, board.creatorUserId, parent?.writerId ?? writerId];
  await notify(
    app,
    tx,
    subject,
    told.filter(userId => userId !== writerId),
  );
  return commentId;
}

/** The comment to reply to: a reply to a reply is one to the comment above both. Undefined for none. */
async function requireParent(tx: Tx, postId: bigint, commentId: bigint): Promise<CommentRow | undefined> {
  if (commentId === 0n) {
    return undefined;
  }
  const comment = await findComment(tx, commentId);
  if (comment?.postId !== postId) {
    throw notFound();
  }
  return comment.parentCommentId === null ? comment : requireParent(tx, postId, comment.parentCommentId);
}

type Dependencies = Pick<
  App,
  "database" | "outbox" | "config" | "entitlements" | "isAdministrator" | "userDirectory"
>;
