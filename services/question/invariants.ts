import type { Database } from "#kit/data/database.ts";
import {
  describeRows,
  type Invariant,
  readPages,
  stateInvariant,
  taskInvariant,
} from "#kit/data/invariants.ts";
import { ratingInvariant } from "#kit/data/rated-table.ts";
import { reservationStates } from "#kit/data/reservation-facts.ts";
import { uploadStates } from "#kit/files/uploads.ts";
import { type CreatorRow, withdrawalTask } from "./db/creators.ts";
import { putListings, readQuestionIds } from "./db/lists/listings.ts";
import { ratedQuestions } from "./db/rated.ts";
import { type EntitlementState, entitlementTransitions } from "./domain/entitlement.ts";
import { questionTransitions } from "./domain/question.ts";

const versions: Invariant = {
  name: "I8 versions of questions",
  async *check(database) {
    yield* describeRows<{ questionId: bigint }>(
      database,
      {
        sql: `SELECT question_id FROM question_version
          GROUP BY question_id HAVING COUNT(*) <> MAX(version) OR MIN(version) <> 1`,
      },
      ({ questionId }) => `question ${questionId} has gaps in its versions`,
    );
    yield* describeRows<{ questionId: bigint }>(
      database,
      {
        sql: `SELECT question_id FROM question q WHERE NOT EXISTS (
          SELECT 1 FROM question_version v WHERE v.question_id = q.question_id AND v.version = q.version)`,
      },
      ({ questionId }) => `question ${questionId} lacks its current version`,
    );
  },
};

const listedColumns = [
  "creator_id",
  "subject",
  "category_id",
  "type",
  "level",
  "price_points",
  "sales_count",
  "rating_tenths",
  "publish_time",
];

const listings: Invariant = {
  name: "I7 questions on sale as the store lists them",
  async *check(database) {
    yield* describeRows<{ questionId: bigint }>(
      database,
      {
        sql: `SELECT q.question_id FROM question q LEFT JOIN listing l ON l.question_id = q.question_id
          LEFT JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version
          WHERE IF(q.state = 'PUBLISHED',
            l.question_id IS NULL OR l.search_text <> v.search_text
              OR ${listedColumns.map(column => `l.${column} <> q.${column}`).join(" OR ")},
            l.question_id IS NOT NULL)`,
      },
      ({ questionId }) => `question ${questionId} is not listed as it is`,
    );
  },
};

/** What always holds over the rows of question. */
export const invariants: readonly Invariant[] = [
  versions,
  listings,
  stateInvariant({
    table: "question",
    id: "question_id",
    transitions: questionTransitions,
    setIn: { publish_time: ["PUBLISHED", "UNPUBLISHED", "SUSPENDED"], restore_state: ["SUSPENDED"] },
  }),
  stateInvariant({
    table: "entitlement",
    id: "entitlement_id",
    transitions: entitlementTransitions,
    setIn: { own_time: ["OWNED"] },
  }),
  ratingInvariant(ratedQuestions),
  taskInvariant({
    kind: withdrawalTask,
    table: "creator",
    id: "creator_id",
    waiting: `withdrawn AND EXISTS (
      SELECT 1 FROM question WHERE question.creator_id = creator.creator_id AND is_kept = TRUE)`,
    mayRecheck: true,
  }),
  uploadStates,
  reservationStates,
];

/** What a purchase granted, or holds. */
interface PurchaseEntitlement {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly questionId: bigint;
  readonly version: number;
  readonly state: EntitlementState;
}

/** The entitlements that purchases granted or hold. */
export function readEntitlements(
  database: Database,
  purchaseIds: readonly string[],
): Promise<PurchaseEntitlement[]> {
  return database.query(
    "SELECT purchase_id, user_id, question_id, version, state FROM entitlement WHERE purchase_id IN (?)",
    [purchaseIds],
  );
}

/** Sales as each question counts them, by question id. */
export async function readSalesCounts(database: Database): Promise<ReadonlyMap<bigint, bigint>> {
  const rows = await database.query<{ questionId: bigint; salesCount: bigint }>(
    "SELECT question_id, sales_count FROM question",
  );
  return new Map(rows.map(({ questionId, salesCount }) => [questionId, salesCount]));
}

/** The creators as stored by question, in pages. */
export function readKnownCreators(database: Database): AsyncIterable<CreatorRow[]> {
  return readPages(database, {
    columns: "creator_id, user_id, name, profile_image_url, version, withdrawn",
    table: "creator",
    index: "PRIMARY",
    keyset: [{ column: "creator.creator_id", direction: "ASC" }],
  });
}

/** The part of a question that QuestionChanged carries. */
interface PublishedQuestion {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly onSale: boolean;
  readonly title: string;
  readonly pricePoints: bigint;
  readonly publishTime: Date;
  /** Of its changes. */
  readonly version: bigint;
}

/** Those of the named questions that are or were on sale, by id. */
export async function readPublishedQuestions(
  database: Database,
  questionIds: readonly bigint[],
): Promise<ReadonlyMap<bigint, PublishedQuestion>> {
  const rows = await database.query<Omit<PublishedQuestion, "onSale"> & { onSale: number }>(
    `SELECT question_id, creator_id, state = 'PUBLISHED' AS on_sale, title, price_points, publish_time,
        change_version AS version
      FROM question WHERE question_id IN (?) AND publish_time IS NOT NULL`,
    [questionIds],
  );
  return new Map(rows.map(row => [row.questionId, { ...row, onSale: Number(row.onSale) === 1 }]));
}

/**
 * Lists all questions on sale in the store again, page by page; yields how many questions it has seen. The service may
 * serve meanwhile: a question is locked while it is listed.
 */
export async function* rebuildListings(database: Database): AsyncIterable<number> {
  let seen = 0;
  for await (const questionIds of readQuestionIds(database)) {
    if (questionIds.length > 0) {
      await database.transaction(async tx => {
        await tx.query("SELECT question_id FROM question WHERE question_id IN (?) FOR UPDATE", [questionIds]);
        await putListings(tx, questionIds);
      });
    }
    seen += questionIds.length;
    yield seen;
  }
}
