import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert } from "#kit/data/sql.ts";
import type { PostRow } from "./posts.ts";

/** What a post said before an edit. */
export interface PostEditRow {
  readonly version: number;
  readonly title: string;
  readonly body: string;
  readonly editTime: Date;
}

const maxEdits = 50;

/** Keeps what a locked post says, before it is edited; forgets the oldest edit where there are too many. */
export async function insertEdit(
  tx: Tx,
  { postId, version, title, body }: Pick<PostRow, "postId" | "version" | "title" | "body">,
): Promise<void> {
  await insert(tx, "post_edit", { postId, version, title, body });
  await tx.execute("DELETE FROM post_edit WHERE post_id = ? AND version <= ?", [postId, version - maxEdits]);
}

/** Reads a page of what a post said before its edits, latest first. */
export function listEdits(from: Queryable, postId: bigint, page: PageCursor): Promise<Page<PostEditRow>> {
  return queryPage(from, {
    columns: "version, title, body, edit_time",
    table: "post_edit",
    index: "PRIMARY",
    where: "post_id = ?",
    values: [postId],
    keyset: [{ column: "version", direction: "DESC" }],
    page,
  });
}
