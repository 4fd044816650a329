import { create } from "@bufbuild/protobuf";
import { LibrarySort } from "#gen/questioncloud/question/v1/library_pb.ts";
import { QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import { listLibrary } from "#services/question/db/library.ts";
import { listModerated } from "#services/question/db/moderated.ts";
import { listHidden, listReported, listReports } from "#services/review/db/moderation.ts";
import { listReviewsBy } from "#services/review/db/reviews.ts";
import { listSubscriptions } from "#services/subscribe/db/subscriptions.ts";
import { loadQuestions, loadWords } from "#test/support/data/listings.ts";
import { loadRows, type ReadPage, type Room, uuidOf } from "./room.ts";

export const ofSubscriptions: Room = {
  service: "subscribe",
  async load(database, total) {
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO subscription (user_id, creator_id, state, change_time)
          SELECT IF(seq % 10 < 2, 1, seq), seq, IF(seq % 10 = 0, 'SUBSCRIBED', 'ENDED'),
            '2026-01-01' + INTERVAL seq DIV 50 SECOND FROM ${numbers}`,
    );
    await database.query("ANALYZE TABLE subscription");
  },
  lists: { "subscriptions of a user": (from, page) => listSubscriptions(from, 1n, page) },
};

export const ofReviews: Room = {
  service: "review",
  async load(database, total) {
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO review (review_id, question_id, creator_id, reviewer_id, state, rate, comment, report_time,
          hide_time)
          SELECT seq, seq, 1, IF(seq % 10 = 0, 1, seq), IF(seq % 10 = 1, 'HIDDEN', 'SHOWN'), 5, '좋아요',
            IF(seq % 10 = 2, '2026-01-01' + INTERVAL seq DIV 50 SECOND, NULL),
            IF(seq % 10 = 1, '2026-01-01' + INTERVAL seq DIV 50 SECOND, NULL) FROM ${numbers}`,
    );
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO review_report (review_id, user_id, reason, text)
          SELECT IF(seq % 10 = 0, 1, seq), seq, 1, '' FROM ${numbers}`,
    );
    await database.query("ANALYZE TABLE review, review_report");
  },
  lists: {
    "reviews by a user": (from, page) => listReviewsBy(from, 1n, page),
    "reviews that were reported": (from, page) => listReported(from, page),
    "hidden reviews": (from, page) => listHidden(from, page),
    "reports of a review": (from, page) => listReports(from, 1n, page),
  },
};

const questions = 100_000;
const library = (
  sort: LibrarySort,
  filter: Parameters<typeof create<typeof QuestionFilterSchema>>[1] = {},
) => {
  const query = { userId: 1n, filter: create(QuestionFilterSchema, filter), sort };
  return (...[from, page]: Parameters<ReadPage>) => listLibrary(from, query, page);
};

export const ofQuestions: Room = {
  service: "question",
  async load(database, total) {
    await loadWords(database);
    await loadQuestions(database, 1, questions);
    await loadRows(
      database,
      total,
      numbers =>
        `INSERT INTO entitlement (user_id, question_id, version, purchase_id, creator_id, subject, category_id, type,
          level, price_points, state, own_time)
          SELECT 1 + (seq - 1) DIV ${questions}, q.question_id, 1, ${uuidOf}, q.creator_id, q.subject, q.category_id,
            q.type, q.level, q.price_points, 'OWNED', '2026-01-01' + INTERVAL seq DIV 50 SECOND
          FROM ${numbers} JOIN question q ON q.question_id = 1 + seq % ${questions}`,
    );
    await database.execute(
      "UPDATE question SET state = 'IN_REVIEW', state_time = NOW(6) WHERE question_id % 3 = 0",
    );
    await database.query("ANALYZE TABLE question, question_version, entitlement");
  },
  lists: {
    "questions in review": (from, page) => listModerated(from, "IN_REVIEW", page),
    "library, latest": library(LibrarySort.LATEST_PURCHASE),
    "library, earliest": library(LibrarySort.EARLIEST_PURCHASE),
    "library, level": library(LibrarySort.LEVEL),
    "library, level 6, latest": library(LibrarySort.LATEST_PURCHASE, { levels: [6] }),
    "library, a category, level": library(LibrarySort.LEVEL, { categoryIds: [2n] }),
  },
};
