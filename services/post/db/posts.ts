import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert, raw, update } from "#kit/data/sql.ts";

/** A file of a post; the object behind its key never changes. */
export interface StoredFile {
  readonly uploadId: string;
  readonly name: string;
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** What a writer edits, with the files as they are stored. */
interface Content {
  readonly title: string;
  readonly body: string;
  readonly files: readonly StoredFile[];
}

/** A post in a list. */
export interface PostSummaryRow {
  readonly postId: bigint;
  readonly questionId: bigint;
  readonly writerId: bigint;
  readonly title: string;
  readonly commentCount: number;
  readonly pinned: boolean;
  readonly createTime: Date;
}

/** A post. */
export interface PostRow extends PostSummaryRow, Content {
  readonly creatorId: bigint;
  readonly requestHash: Buffer;
  readonly version: number;
  readonly editTime: Date | null;
}

/** A post to write. */
type NewPost = Pick<PostRow, "questionId" | "creatorId" | "writerId" | "requestHash"> &
  Content & { readonly requestId: string };

export async function findPost(from: Queryable, postId: bigint): Promise<PostRow | undefined> {
  const [post] = await from.query<PostRow>("SELECT * FROM post WHERE post_id = ?", [postId]);
  return post;
}

/** Reads a post and locks it until the transaction ends. */
export async function lockPost(tx: Tx, postId: bigint): Promise<PostRow | undefined> {
  const [post] = await tx.query<PostRow>("SELECT * FROM post WHERE post_id = ? FOR UPDATE", [postId]);
  return post;
}

/** Reads the post that a request created. */
export async function findByRequest(
  from: Queryable,
  writerId: bigint,
  requestId: string,
): Promise<PostRow | undefined> {
  const [post] = await from.query<PostRow>("SELECT * FROM post WHERE writer_id = ? AND request_id = ?", [
    writerId,
    requestId,
  ]);
  return post;
}

/** Adds a post. Returns undefined where the writer has used the request id. */
export async function insertPost(tx: Tx, { files, ...post }: NewPost): Promise<bigint | undefined> {
  try {
    return await insert(tx, "post", { ...post, files: JSON.stringify(files) });
  } catch (error) {
    if (violatedKey(error) === "uq_post_request") {
      return undefined;
    }
    throw error;
  }
}

/** Replaces the content of a locked post. */
export async function updatePost(tx: Tx, postId: bigint, { title, body, files }: Content): Promise<void> {
  await update(
    tx,
    "post",
    { title, body, files: JSON.stringify(files), version: raw("version + 1"), editTime: raw("NOW(6)") },
    { sql: "post_id = ?", values: [postId] },
  );
}

/** Pins or unpins a post. */
export async function pinPost(tx: Tx, postId: bigint, pinned: boolean): Promise<void> {
  await update(tx, "post", { pinned }, { sql: "post_id = ?", values: [postId] });
}

/** Reads the pinned posts of a question and locks them until the transaction ends. */
export async function lockPinned(tx: Tx, questionId: bigint): Promise<bigint[]> {
  const rows = await tx.query<{ postId: bigint }>(
    "SELECT post_id FROM post FORCE INDEX (ix_post_question) WHERE question_id = ? AND pinned FOR UPDATE",
    [questionId],
  );
  return rows.map(({ postId }) => postId);
}

/** Deletes a post with its comments. */
export async function deletePost(tx: Tx, postId: bigint): Promise<void> {
  await tx.execute("DELETE FROM post WHERE post_id = ?", [postId]);
}

/** Counts comments that were added to a post or deleted. */
export async function changeCommentCount(tx: Tx, postId: bigint, change: 1 | -1): Promise<void> {
  await tx.execute("UPDATE post SET comment_count = comment_count + ? WHERE post_id = ?", [change, postId]);
}

// Without the hint, the optimizer may walk the index from its newest row to a deep page, instead of entering it there.
const boards = {
  question: { column: "question_id", index: "ix_post_question", keys: ["pinned", "post_id"] },
  creator: { column: "creator_id", index: "ix_post_creator", keys: ["post_id"] },
} as const;

/** Reads a page of the posts of one user, newest first. */
export function listPostsBy(from: Queryable, writerId: bigint, page: PageCursor): Promise<Page<PostRow>> {
  return queryPage(from, {
    columns: "post.*",
    table: "post",
    index: "ix_post_writer",
    where: "writer_id = ?",
    values: [writerId],
    keyset: [{ column: "post_id", direction: "DESC" }],
    page,
  });
}

/** Reads a page of the posts of one question, pinned ones first, or of one creator, newest first. */
export function listPosts(
  from: Queryable,
  of: keyof typeof boards,
  id: bigint,
  page: PageCursor,
): Promise<Page<PostSummaryRow>> {
  const { column, index, keys } = boards[of];
  return queryPage(from, {
    columns: "post_id, question_id, writer_id, title, comment_count, pinned, create_time",
    table: "post",
    index,
    where: `${column} = ?`,
    values: [id],
    keyset: keys.map(key => ({ column: key, direction: "DESC" }) as const),
    page,
  });
}
