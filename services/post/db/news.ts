import type { Queryable, Tx } from "#kit/data/database.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { scheduleTask } from "#kit/data/tasks.ts";
import { type NewsState, newsTransitions } from "../domain/news.ts";

/** The tasks of questions; one exists while the news of its question spreads. */
export const newsTask = "news";

/** A question, as far as its news depend on it. */
interface NewsRow {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly onSale: boolean;
  readonly newsState: NewsState;
  /** Subscribers up to this one have been told. */
  readonly newsUserId: bigint;
}

/** Starts to spread the news of a question, once, and only while they are news. */
export async function startNews(tx: Tx, questionId: bigint, publishTime: Date): Promise<void> {
  const isNew = "? > NOW(6) - INTERVAL 7 DAY";
  if (await move(tx, questionId, "SPREADING", { sql: isNew, values: [publishTime] })) {
    await scheduleTask(tx, newsTask, questionId.toString(), 0);
  }
}

/** Reads a question and locks it until the transaction ends. */
export async function lockNews(tx: Tx, questionId: bigint): Promise<NewsRow | undefined> {
  const [row] = await tx.query<NewsRow>(
    `SELECT question_id, creator_id, on_sale, news_state, news_user_id FROM question
      WHERE question_id = ? FOR UPDATE`,
    [questionId],
  );
  return row;
}

/** Notes up to which subscriber the news have come. */
export async function moveNews(tx: Tx, questionId: bigint, newsUserId: bigint): Promise<void> {
  await tx.execute("UPDATE question SET news_user_id = ? WHERE question_id = ?", [newsUserId, questionId]);
}

export async function finishNews(tx: Tx, questionId: bigint): Promise<void> {
  await move(tx, questionId, "SPREAD", { sql: "TRUE", values: [] });
}

async function move(
  tx: Tx,
  questionId: bigint,
  to: NewsState,
  where: { sql: string; values: readonly Date[] },
): Promise<boolean> {
  const moved = await moveState(tx, {
    table: "question",
    column: "news_state",
    transitions: newsTransitions,
    to,
    where: { sql: `question_id = ? AND ${where.sql}`, values: [questionId, ...where.values] },
  });
  return moved === 1;
}

/** Reads who has subscribed to a creator, those who no longer do included, in the order of their ids. */
export function listSubscribers(
  from: Queryable,
  creatorId: bigint,
  afterUserId: bigint,
  limit: number,
): Promise<{ userId: bigint; subscribed: boolean }[]> {
  return from.query(
    "SELECT user_id, subscribed FROM subscriber WHERE creator_id = ? AND user_id > ? ORDER BY user_id LIMIT ?",
    [creatorId, afterUserId, limit],
  );
}
