import type { Database } from "#kit/data/database.ts";
import { type CheckOptions, type Invariant, readPages, stateInvariant } from "#kit/data/invariants.ts";
import type { QuestionRow } from "./db/questions.ts";
import { type Pair, type SubscriptionRow, subscriptionTransitions } from "./db/subscriptions.ts";

/** What always holds over the rows of subscribe. */
export const invariants: readonly Invariant[] = [
  stateInvariant({ table: "subscription", id: "user_id", transitions: subscriptionTransitions, setIn: {} }),
];

/** A subscription as SubscriptionChanged carries it. */
interface SubscriptionState extends Pair {
  readonly subscribed: boolean;
  readonly version: bigint;
}

const columns = "user_id, creator_id, state, version";
const toState = ({ userId, creatorId, state, version }: SubscriptionRow): SubscriptionState => ({
  userId,
  creatorId,
  version,
  subscribed: state === "SUBSCRIBED",
});

/** All subscriptions that did not change in the last `graceSeconds`, ended ones included, in pages. */
export async function* readSubscriptionStates(
  database: Database,
  { graceSeconds }: CheckOptions,
): AsyncIterable<SubscriptionState[]> {
  const pages = readPages<SubscriptionRow>(database, {
    columns,
    table: "subscription",
    index: "PRIMARY",
    where: "change_time <= NOW(6) - INTERVAL ? SECOND",
    values: [graceSeconds],
    keyset: [
      { column: "user_id", direction: "ASC" },
      { column: "creator_id", direction: "ASC" },
    ],
  });
  for await (const page of pages) {
    yield page.map(toState);
  }
}

/** Those of the named subscriptions that exist, in no particular order. */
export async function findSubscriptionStates(
  database: Database,
  pairs: readonly Pair[],
): Promise<SubscriptionState[]> {
  const where = pairs.map(() => "(user_id = ? AND creator_id = ?)").join(" OR ");
  const values = pairs.flatMap(({ userId, creatorId }) => [userId, creatorId]);
  return pairs.length === 0
    ? []
    : (
        await database.query<SubscriptionRow>(`SELECT ${columns} FROM subscription WHERE ${where}`, values)
      ).map(toState);
}

/** The questions as stored by subscribe, in pages. */
export function readKnownQuestions(database: Database): AsyncIterable<QuestionRow[]> {
  return readPages(database, {
    columns: "question_id, creator_id, on_sale, title, subject, level, price_points, publish_time, version",
    table: "question",
    index: "PRIMARY",
    keyset: [{ column: "question.question_id", direction: "ASC" }],
  });
}
