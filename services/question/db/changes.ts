import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { QuestionState } from "../domain/question.ts";

/** What other services learn of a question that is or was on sale. */
interface QuestionChange {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly creatorUserId: bigint;
  readonly state: QuestionState;
  readonly title: string;
  readonly subject: Subject;
  readonly level: number;
  readonly pricePoints: bigint;
  readonly publishTime: Date;
  readonly changeVersion: bigint;
}

/** Counts a change of a question and reads it. Returns undefined for one that was never on sale. */
export async function countChange(tx: Tx, questionId: bigint): Promise<QuestionChange | undefined> {
  await tx.execute(
    "UPDATE question SET change_version = change_version + 1 WHERE question_id = ? AND publish_time IS NOT NULL",
    [questionId],
  );
  const [change] = await tx.query<QuestionChange>(
    `SELECT q.question_id, q.creator_id, creator.user_id AS creator_user_id, q.state, q.title, q.subject, q.level,
        q.price_points, q.publish_time, q.change_version
      FROM question q JOIN creator ON creator.creator_id = q.creator_id
      WHERE q.question_id = ? AND q.publish_time IS NOT NULL`,
    [questionId],
  );
  return change;
}
