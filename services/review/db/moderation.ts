import type { ReportReason } from "#gen/questioncloud/review/v1/review_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert } from "#kit/data/sql.ts";
import type { Review } from "../domain/review.ts";
import { reviewColumns } from "./reviews.ts";

/** A review as administrators see it. */
export interface ModeratedReview extends Review {
  readonly openReportCount: bigint;
  /** The first open report; null for none. */
  readonly reportTime: Date | null;
  /** Null unless it is hidden. */
  readonly hideTime: Date | null;
}

/** A report of a review. */
export interface Report {
  readonly reportId: bigint;
  readonly reviewId: bigint;
  readonly userId: bigint;
  readonly reason: ReportReason;
  /** Empty for none. */
  readonly text: string;
  readonly createTime: Date;
  /** Null while it is open. */
  readonly closeTime: Date | null;
}

/** Adds a report of a locked review. Returns false where the user has reported it. */
export async function insertReport(
  tx: Tx,
  report: Pick<Report, "reviewId" | "userId" | "reason" | "text">,
): Promise<boolean> {
  try {
    await insert(tx, "review_report", { ...report });
  } catch (error) {
    if (violatedKey(error) === "uq_review_report") {
      return false;
    }
    throw error;
  }
  await tx.execute(
    `UPDATE review SET open_report_count = open_report_count + 1, report_time = COALESCE(report_time, NOW(6))
      WHERE review_id = ?`,
    [report.reviewId],
  );
  return true;
}

/** Closes the reports of a locked review. */
export async function closeReports(tx: Tx, reviewId: bigint): Promise<void> {
  await tx.execute(
    "UPDATE review_report SET close_time = NOW(6) WHERE review_id = ? AND close_time IS NULL",
    [reviewId],
  );
  await tx.execute("UPDATE review SET open_report_count = 0, report_time = NULL WHERE review_id = ?", [
    reviewId,
  ]);
}

const columns = `${reviewColumns}, r.open_report_count, r.report_time, r.hide_time`;

export async function findModerated(from: Queryable, reviewId: bigint): Promise<ModeratedReview | undefined> {
  const [review] = await from.query<ModeratedReview>(
    `SELECT ${columns} FROM review r WHERE r.review_id = ?`,
    [reviewId],
  );
  return review;
}

/** Reads a page of the reviews with open reports, the longest waiting first. */
export function listReported(from: Queryable, page: PageCursor): Promise<Page<ModeratedReview>> {
  return queryPage<ModeratedReview>(from, {
    columns,
    table: "review r",
    index: "ix_review_reported",
    where: "r.report_time IS NOT NULL",
    keyset: [
      { column: "r.report_time", direction: "ASC" },
      { column: "r.review_id", direction: "ASC" },
    ],
    page,
  });
}

/** Reads a page of the hidden reviews, latest hidden first. */
export function listHidden(from: Queryable, page: PageCursor): Promise<Page<ModeratedReview>> {
  return queryPage<ModeratedReview>(from, {
    columns,
    table: "review r",
    index: "ix_review_hidden",
    where: "r.hide_time IS NOT NULL",
    keyset: [
      { column: "r.hide_time", direction: "DESC" },
      { column: "r.review_id", direction: "DESC" },
    ],
    page,
  });
}

/** Reads a page of the reports of a review, newest first. */
export function listReports(from: Queryable, reviewId: bigint, page: PageCursor): Promise<Page<Report>> {
  return queryPage<Report>(from, {
    columns: "report_id, review_id, user_id, reason, text, create_time, close_time",
    table: "review_report",
    index: "ix_report_review",
    where: "review_id = ?",
    values: [reviewId],
    keyset: [{ column: "report_id", direction: "DESC" }],
    page,
  });
}

/** Erases what a user wrote in reports. */
export async function eraseReportTexts(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("UPDATE review_report SET text = '' WHERE user_id = ?", [userId]);
}
