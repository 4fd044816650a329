import { describeRows, type Invariant, stateInvariant, taskInvariant } from "#kit/data/invariants.ts";
import { uploadStates } from "#kit/files/uploads.ts";
import { newsTask } from "./db/news.ts";
import { newsTransitions } from "./domain/news.ts";

const commentCounts: Invariant = {
  name: "I6 comments of posts",
  async *check(database) {
    yield* describeRows<{ postId: bigint; commentCount: number; comments: bigint }>(
      database,
      {
        sql: `SELECT p.post_id, p.comment_count, COUNT(c.comment_id) AS comments
          FROM post p LEFT JOIN comment c ON c.post_id = p.post_id
          GROUP BY p.post_id HAVING comments <> p.comment_count`,
      },
      ({ postId, commentCount, comments }) =>
        `post ${postId} counts ${commentCount} comments and has ${comments}`,
    );
  },
};

/** What always holds over the rows of post. */
export const invariants: readonly Invariant[] = [
  commentCounts,
  stateInvariant({
    table: "question",
    id: "question_id",
    column: "news_state",
    transitions: newsTransitions,
    setIn: {},
  }),
  taskInvariant({
    kind: newsTask,
    table: "question",
    id: "question_id",
    waiting: "news_state = 'SPREADING'",
  }),
  uploadStates,
];
