import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert, raw, update } from "#kit/data/sql.ts";

/** A comment on a post. */
export interface CommentRow {
  readonly commentId: bigint;
  readonly postId: bigint;
  /** Null unless it is a reply. */
  readonly parentCommentId: bigint | null;
  readonly writerId: bigint;
  readonly requestHash: Buffer;
  readonly body: string;
  readonly writtenByCreator: boolean;
  readonly version: number;
  readonly createTime: Date;
  readonly editTime: Date | null;
}

/** A comment to write. */
type NewComment = Pick<
  CommentRow,
  "postId" | "parentCommentId" | "writerId" | "requestHash" | "body" | "writtenByCreator"
> & { readonly requestId: string };

export async function findComment(from: Queryable, commentId: bigint): Promise<CommentRow | undefined> {
  const [comment] = await from.query<CommentRow>("SELECT * FROM comment WHERE comment_id = ?", [commentId]);
  return comment;
}

/** Reads the comment that a request created. */
export async function findByRequest(
  from: Queryable,
  writerId: bigint,
  requestId: string,
): Promise<CommentRow | undefined> {
  const [comment] = await from.query<CommentRow>(
    "SELECT * FROM comment WHERE writer_id = ? AND request_id = ?",
    [writerId, requestId],
  );
  return comment;
}

/** Adds a comment. Returns undefined where the writer has used the request id. */
export async function insertComment(tx: Tx, comment: NewComment): Promise<bigint | undefined> {
  try {
    return await insert(tx, "comment", comment);
  } catch (error) {
    if (violatedKey(error) === "uq_comment_request") {
      return undefined;
    }
    throw error;
  }
}

/** Replaces the text of a comment. Returns false where the comment is gone or has another version. */
export async function updateComment(
  on: Queryable,
  { commentId, version }: Pick<CommentRow, "commentId" | "version">,
  body: string,
): Promise<boolean> {
  const updated = await update(
    on,
    "comment",
    { body, version: version + 1, editTime: raw("NOW(6)") },
    { sql: "comment_id = ? AND version = ?", values: [commentId, version] },
  );
  return updated === 1;
}

/** Deletes a comment. Returns false where there is none. */
export async function deleteComment(tx: Tx, commentId: bigint): Promise<boolean> {
  const { affectedRows } = await tx.execute("DELETE FROM comment WHERE comment_id = ?", [commentId]);
  return affectedRows === 1;
}

/** Reads a page of the comments on a post, oldest first. */
export function listComments(from: Queryable, postId: bigint, page: PageCursor): Promise<Page<CommentRow>> {
  return queryPage(from, {
    columns: "comment.*",
    table: "comment",
    index: "ix_comment_post",
    where: "post_id = ?",
    values: [postId],
    keyset: [{ column: "comment_id", direction: "ASC" }],
    page,
  });
}

/** Reads a page of the comments of one user, newest first. */
export function listCommentsBy(
  from: Queryable,
  writerId: bigint,
  page: PageCursor,
): Promise<Page<CommentRow>> {
  return queryPage(from, {
    columns: "comment.*",
    table: "comment",
    index: "ix_comment_writer",
    where: "writer_id = ?",
    values: [writerId],
    keyset: [{ column: "comment_id", direction: "DESC" }],
    page,
  });
}
