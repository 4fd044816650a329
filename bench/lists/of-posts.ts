import { listComments, listCommentsBy } from "#services/post/db/comments.ts";
import { listNotifications } from "#services/post/db/notifications.ts";
import { listPosts, listPostsBy } from "#services/post/db/posts.ts";
import { listOpenReports } from "#services/post/db/reports.ts";
import { loadRows, type Room, uuidOf } from "./room.ts";

export const ofPosts: Room = {
  service: "post",
  async load(database, total) {
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO post (post_id, question_id, creator_id, writer_id, request_id, request_hash, title, body, files,
          pinned)
          SELECT seq, IF(seq % 10 = 0, 1, seq), IF(seq % 10 = 1, 1, seq), IF(seq % 10 = 2, 1, seq), ${uuidOf},
            REPEAT('0', 32), '질문', '3번 풀이', '[]', seq % 10000 = 0 FROM ${numbers}`,
    );
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO comment (comment_id, post_id, writer_id, request_id, request_hash, body, written_by_creator)
          SELECT seq, IF(seq % 10 = 0, 1, seq), IF(seq % 10 = 1, 1, seq), ${uuidOf}, REPEAT('0', 32), '감사합니다',
            FALSE FROM ${numbers}`,
    );
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO report (post_id, user_id, reason, text, close_time)
          SELECT seq, seq, 1, '', IF(seq % 10 = 0, NULL, NOW(6)) FROM ${numbers}`,
    );
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO notification (user_id, kind, subject_id, question_id, post_id)
          SELECT IF(seq % 10 = 0, 1, seq), 'NEW_POST', seq, seq, seq FROM ${numbers}`,
    );
    await database.query("ANALYZE TABLE post, comment, report, notification");
  },
  lists: {
    "posts of a question": (from, page) => listPosts(from, "question", 1n, page),
    "posts of a creator": (from, page) => listPosts(from, "creator", 1n, page),
    "posts by a user": (from, page) => listPostsBy(from, 1n, page),
    "comments on a post": (from, page) => listComments(from, 1n, page),
    "comments by a user": (from, page) => listCommentsBy(from, 1n, page),
    "open reports": (from, page) => listOpenReports(from, page),
    "notifications of a user": (from, page) => listNotifications(from, 1n, page),
  },
};
