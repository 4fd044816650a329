import type { Database } from "#kit/data/database.ts";
import { type Invariant, readPages, stateInvariant } from "#kit/data/invariants.ts";
import type { QuestionRow } from "./db/questions.ts";
import { subscriptionTransitions } from "./db/subscriptions.ts";

/** What always holds over the rows of subscribe. */
export const invariants: readonly Invariant[] = [
  stateInvariant({ table: "subscription", id: "user_id", transitions: subscriptionTransitions, setIn: {} }),
];

/** How many users subscribe to a creator. */
interface SubscriberCount {
  readonly subscriberCount: bigint;
  /** Changed too recently to be compared. */
  readonly isRecent: boolean;
}

/** The subscribers of each creator who has or had some, by creator id. */
export async function readSubscriberCounts(
  database: Database,
  graceSeconds: number,
): Promise<ReadonlyMap<bigint, SubscriberCount>> {
  const rows = await database.query<{ creatorId: bigint; subscribed: bigint; recent: bigint }>(
    `SELECT creator_id, CAST(SUM(state = 'SUBSCRIBED') AS SIGNED) AS subscribed,
        MAX(change_time) > NOW(6) - INTERVAL ? SECOND AS recent
      FROM subscription GROUP BY creator_id`,
    [graceSeconds],
  );
  return new Map(
    rows.map(({ creatorId, subscribed, recent }) => [
      creatorId,
      { subscriberCount: BigInt(subscribed), isRecent: Number(recent) === 1 },
    ]),
  );
}

/** The questions as stored by subscribe, in pages. */
export function readKnownQuestions(database: Database): AsyncIterable<QuestionRow[]> {
  return readPages(database, {
    select: `SELECT question_id, creator_id, on_sale, title, subject, level, price_points, publish_time, version
      FROM question`,
    keyset: [{ column: "question.question_id", direction: "ASC" }],
  });
}
