import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/data/database.ts";
import type { FeedPosition } from "../domain/merge-feed.ts";

/** A question that is or was on sale, as stored from QuestionChanged. */
export interface QuestionRow {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly onSale: boolean;
  readonly title: string;
  readonly subject: Subject;
  readonly level: number;
  readonly pricePoints: bigint;
  readonly publishTime: Date;
  readonly version: bigint;
}

/** A creator, and where their questions go on. */
interface Continuation {
  readonly creatorId: bigint;
  /** The feed key of the last question before; undefined for the newest. */
  readonly after: string | undefined;
}

const creatorsAtOnce = 100;

/** Reads the next `count` questions on sale of each creator, newest first, by the index alone. */
export async function readNextOnSale(
  from: Queryable,
  creators: readonly Continuation[],
  count: number,
): Promise<FeedPosition[]> {
  const found: FeedPosition[] = [];
  for (let start = 0; start < creators.length; start += creatorsAtOnce) {
    const some = creators.slice(start, start + creatorsAtOnce);
    const selects = some.map(
      ({ after }) =>
        `(SELECT creator_id, question_id, feed_key FROM question FORCE INDEX (ix_question_feed)
          WHERE creator_id = ? AND on_sale = TRUE${after === undefined ? "" : " AND feed_key < ?"}
          ORDER BY feed_key DESC LIMIT ?)`,
    );
    const values = some.flatMap(({ creatorId, after }) =>
      after === undefined ? [creatorId, count] : [creatorId, after, count],
    );
    found.push(...(await from.query<FeedPosition>(selects.join(" UNION ALL "), values)));
  }
  return found;
}

/** Reads questions by their ids. */
export async function findQuestions(
  from: Queryable,
  questionIds: readonly bigint[],
): Promise<ReadonlyMap<bigint, QuestionRow>> {
  const rows =
    questionIds.length === 0
      ? []
      : await from.query<QuestionRow>("SELECT * FROM question WHERE question_id IN (?)", [questionIds]);
  return new Map(rows.map(row => [row.questionId, row]));
}
