import type { ReportReason } from "#gen/questioncloud/review/v1/review_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert } from "#kit/data/sql.ts";

/** What a report is about: a post, or a comment. */
export type ReportTarget = { readonly postId: bigint } | { readonly commentId: bigint };

/** Names what a report is about in the audit log. */
export function subjectOf(target: ReportTarget): string {
  return "postId" in target ? `post ${target.postId}` : `comment ${target.commentId}`;
}

/** An open report with what it is about. */
export interface ReportRow {
  readonly reportId: bigint;
  readonly postId: bigint | null;
  readonly commentId: bigint | null;
  readonly userId: bigint;
  readonly reason: ReportReason;
  readonly text: string;
  readonly createTime: Date;
  readonly title: string;
  readonly body: string;
  readonly writerId: bigint;
}

/** Adds a report. Returns false where the user has reported the same before. */
export async function insertReport(
  to: Queryable,
  target: ReportTarget,
  report: Pick<ReportRow, "userId" | "reason" | "text">,
): Promise<boolean> {
  try {
    await insert(to, "report", { ...target, ...report });
    return true;
  } catch (error) {
    const key = violatedKey(error);
    if (key === "uq_report_post" || key === "uq_report_comment") {
      return false;
    }
    throw error;
  }
}

/** Reads a page of the open reports, the longest waiting first. */
export function listOpenReports(from: Queryable, page: PageCursor): Promise<Page<ReportRow>> {
  return queryPage(from, {
    columns:
      "r.*, p.title, COALESCE(c.body, p.body) AS body, COALESCE(c.writer_id, p.writer_id) AS writer_id",
    table: "report r",
    index: "ix_report_open",
    joins: `LEFT JOIN comment c ON c.comment_id = r.comment_id
      JOIN post p ON p.post_id = COALESCE(r.post_id, c.post_id)`,
    where: "r.close_time IS NULL",
    keyset: [{ column: "r.report_id", direction: "ASC" }],
    page,
  });
}

/** Closes the open reports of a post or comment. */
export async function closeReports(tx: Tx, target: ReportTarget): Promise<void> {
  const [column, id] = "postId" in target ? ["post_id", target.postId] : ["comment_id", target.commentId];
  await tx.execute(`UPDATE report SET close_time = NOW(6) WHERE ${column} = ? AND close_time IS NULL`, [id]);
}

/** Erases what a user wrote in reports. */
export async function eraseReportTexts(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("UPDATE report SET text = '' WHERE user_id = ?", [userId]);
}
