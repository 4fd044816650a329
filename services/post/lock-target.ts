import type { Tx } from "#kit/data/database.ts";
import { findComment } from "./db/comments.ts";
import { lockPost, type PostRow } from "./db/posts.ts";
import type { ReportTarget } from "./db/reports.ts";
import { notFound } from "./failures.ts";

/** Locks the post that is meant, or that the comment is on, until the transaction ends. Throws NOT_FOUND. */
export async function lockTarget(tx: Tx, target: ReportTarget): Promise<PostRow> {
  if ("postId" in target) {
    return requireLocked(tx, target.postId);
  }
  const comment = await findComment(tx, target.commentId);
  const post = await requireLocked(tx, comment?.postId ?? 0n);
  if ((await findComment(tx, target.commentId)) === undefined) {
    throw notFound();
  }
  return post;
}

async function requireLocked(tx: Tx, postId: bigint): Promise<PostRow> {
  const post = await lockPost(tx, postId);
  if (post === undefined) {
    throw notFound();
  }
  return post;
}
