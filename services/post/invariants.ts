import { describeRows, type Invariant } from "#kit/data/invariants.ts";
import { uploadStates } from "#kit/files/uploads.ts";

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
export const invariants: readonly Invariant[] = [commentCounts, uploadStates];
