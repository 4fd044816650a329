import type { Queryable, SqlValue, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import type { NotificationKind } from "../domain/notification.ts";

/** The tasks of users who withdrew; one exists until the notifications of its user are removed. */
export const withdrawnUserTask = "withdrawn-user";

/** What a notification is about; what does not belong to its kind is null. */
export interface Subject {
  readonly kind: NotificationKind;
  readonly questionId: bigint;
  readonly postId: bigint | null;
  readonly commentId: bigint | null;
}

/** A notification with what it is about. */
export interface NotificationRow extends Subject {
  readonly notificationId: bigint;
  readonly title: string;
  readonly writerId: bigint | null;
  /** Of a new question. */
  readonly creatorId: bigint | null;
  readonly createTime: Date;
  readonly readTime: Date | null;
}

/** Notifies users of a subject, each once. */
export async function insertNotifications(
  tx: Tx,
  { kind, questionId, postId, commentId }: Subject,
  userIds: readonly bigint[],
): Promise<void> {
  const rows = userIds.map(userId => [
    userId,
    kind,
    commentId ?? postId ?? questionId,
    questionId,
    postId,
    commentId,
  ]);
  if (rows.length > 0) {
    await tx.execute(
      `INSERT INTO notification (user_id, kind, subject_id, question_id, post_id, comment_id)
        VALUES ${rows.map(() => "(?, ?, ?, ?, ?, ?)").join(", ")}
        ON DUPLICATE KEY UPDATE notification_id = notification_id`,
      rows.flat(),
    );
  }
}

/** Reads a page of the notifications of a user, newest first. */
export function listNotifications(
  from: Queryable,
  userId: bigint,
  page: PageCursor,
): Promise<Page<NotificationRow>> {
  return queryPage(from, {
    columns: `n.*, COALESCE(p.title, q.title) AS title, COALESCE(c.writer_id, p.writer_id) AS writer_id,
      IF(n.kind = 'NEW_QUESTION', q.creator_id, NULL) AS creator_id`,
    table: "notification n",
    index: "ix_notification_user",
    joins: `LEFT JOIN post p ON p.post_id = n.post_id LEFT JOIN comment c ON c.comment_id = n.comment_id
      LEFT JOIN question q ON q.question_id = n.question_id`,
    where: "n.user_id = ?",
    values: [userId],
    keyset: [{ column: "n.notification_id", direction: "DESC" }],
    page,
  });
}

/** Counts the notifications of a user that are not read, `limit` at most. */
export async function countUnread(from: Queryable, userId: bigint, limit: number): Promise<number> {
  const [row] = await from.query<{ unread: bigint }>(
    `SELECT COUNT(*) AS unread FROM (
       SELECT 1 FROM notification WHERE user_id = ? AND read_time IS NULL LIMIT ?) AS first`,
    [userId, limit],
  );
  return Number(row?.unread ?? 0);
}

/** Marks the named notifications of a user as read. */
export async function markRead(tx: Tx, userId: bigint, ids: readonly bigint[]): Promise<void> {
  await mark(tx, "user_id = ? AND notification_id IN (?)", [userId, ids]);
}

/** Marks `limit` of the notifications of a user up to one as read. Returns how many there were. */
export function markReadThrough(tx: Tx, userId: bigint, throughId: bigint, limit: number): Promise<number> {
  return mark(tx, "user_id = ? AND notification_id <= ?", [userId, throughId], limit);
}

async function mark(tx: Tx, where: string, values: readonly SqlValue[], limit = 100): Promise<number> {
  const { affectedRows } = await tx.execute(
    `UPDATE notification SET read_time = NOW(6) WHERE read_time IS NULL AND ${where} LIMIT ?`,
    [...values, limit],
  );
  return affectedRows;
}

/** Removes `limit` of the notifications of a user. Returns how many there were. */
export async function removeNotifications(tx: Tx, userId: bigint, limit: number): Promise<number> {
  const { affectedRows } = await tx.execute("DELETE FROM notification WHERE user_id = ? LIMIT ?", [
    userId,
    limit,
  ]);
  return affectedRows;
}

/** Removes notifications that are older than `keepDays`. Returns how many. */
export async function removeOldNotifications(
  on: Queryable,
  keepDays: number,
  limit: number,
): Promise<number> {
  const { affectedRows } = await on.execute(
    "DELETE FROM notification WHERE create_time < NOW(6) - INTERVAL ? DAY LIMIT ?",
    [keepDays, limit],
  );
  return affectedRows;
}
