import { type PlantedViolation, update } from "./planted-violation.ts";

/** Violations of statistics. */
export const plantedInStatistics: readonly PlantedViolation[] = [
  update(
    "I6 sales counters",
    "a question that counts a sale too many",
    "SELECT MAX(question_id) FROM question.question WHERE sales_count > 0",
    "question.question",
    "question_id",
    ["sales_count = sales_count + 1", "sales_count = sales_count - 1"],
  ),
  update(
    "I6 ratings of question",
    "a question that is rated better than it was",
    "SELECT MAX(question_id) FROM question.question WHERE rating_count > 0",
    "question.question",
    "question_id",
    ["rating_sum = rating_sum + 1", "rating_sum = rating_sum - 1"],
  ),
  update(
    "I6 reviews as they are counted",
    "a review that its creator counts in a version that it never had",
    "SELECT MAX(review_id) FROM creator.seen_review",
    "creator.seen_review",
    "review_id",
    ["version = version + 1", "version = version - 1"],
  ),
  update(
    "I6 creators and their statistics",
    "a creator who counts a subscriber too many",
    "SELECT MAX(creator_id) FROM creator.creator_statistics WHERE subscriber_count > 0",
    "creator.creator_statistics",
    "creator_id",
    ["subscriber_count = subscriber_count + 1", "subscriber_count = subscriber_count - 1"],
  ),
  update(
    "I6 subscriptions as they are counted",
    "a subscription that its creator counts in a version that it never had",
    "SELECT user_id FROM creator.subscriber GROUP BY user_id HAVING COUNT(*) = 1 LIMIT 1",
    "creator.subscriber",
    "user_id",
    ["version = version + 1", "version = version - 1"],
  ),
];
