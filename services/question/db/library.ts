import { LibrarySort } from "#gen/questioncloud/question/v1/library_pb.ts";
import type { QuestionFilter, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";
import type { FileSet } from "../domain/file-set.ts";
import { type SearchWord, searchWordsOf } from "../domain/search-text.ts";
import { allOf, type Condition, conditionsOf } from "./lists/condition.ts";
import type { Order } from "./lists/order.ts";
import { fill, pageOf } from "./lists/page.ts";
import { createWalk, type Plan } from "./lists/walk.ts";

/** A question of a library in the version that was bought. */
export interface LibraryRow {
  readonly entitlementId: bigint;
  readonly questionId: bigint;
  readonly version: number;
  readonly creatorId: bigint;
  readonly creatorName: string;
  readonly profileImageUrl: string;
  readonly title: string;
  readonly subject: Subject;
  readonly categoryTitle: string;
  readonly parentCategoryTitle: string;
  readonly level: number;
  readonly files: FileSet;
  readonly purchaseId: string;
  readonly ownTime: Date;
}

const select = `SELECT e.entitlement_id, e.question_id, e.version, e.purchase_id, e.own_time, e.creator_id, e.subject,
    e.level, v.title, v.files, category.title AS category_title, parent.title AS parent_category_title,
    creator.name AS creator_name, creator.profile_image_url
  FROM entitlement e
  JOIN question_version v ON v.question_id = e.question_id AND v.version = e.version
  LEFT JOIN category ON category.category_id = e.category_id
  LEFT JOIN category parent ON parent.category_id = category.parent_category_id
  LEFT JOIN creator ON creator.creator_id = e.creator_id`;

const latest: Order = { column: "own_time", direction: "DESC", isNumber: false, ties: "DESC" };
const earliest: Order = { ...latest, direction: "ASC", ties: "ASC" };
const byLevel: Order = { column: "level", direction: "DESC", isNumber: true, ties: "DESC" };

// Rows that a call may read for each question it was asked for, as if for twenty at least.
const rowsPerShown = 40;
const smallestPage = 20;

/** What of a library is listed. */
interface LibraryQuery {
  readonly userId: bigint;
  readonly filter: QuestionFilter;
  readonly sort: LibrarySort;
}

/** Reads a page of what a user owns. It may be shorter than asked for, even empty, where there is a next one. */
export async function listLibrary(
  from: Queryable,
  { userId, filter, sort }: LibraryQuery,
  { after, limit }: PageCursor,
): Promise<Page<LibraryRow>> {
  const words = searchWordsOf(filter.text);
  if (filter.text !== "" && words.length === 0) {
    return { rows: [], nextAfter: undefined };
  }
  const [key = "", id = "0"] = after ?? [];
  const order =
    sort === LibrarySort.LEVEL ? byLevel : sort === LibrarySort.EARLIEST_PURCHASE ? earliest : latest;
  const plan = planOf({ userId, filter, sort }, order);
  const walk = createWalk(from, {
    plan,
    order,
    checks: [withWords(plan.rest, words)],
    after: after && { key, id: BigInt(id) },
    wanted: limit + 1,
  });
  const maxRows = (rowsPerShown * Math.max(limit, smallestPage)) / (words.length === 0 ? 1 : 2);
  const wanted = { limit };
  const { rows: ids, nextAfter } = pageOf(await fill(walk, wanted, maxRows), wanted);
  return { rows: await readOwned(from, ids), nextAfter };
}

function planOf({ userId, filter }: LibraryQuery, order: Order): Plan {
  const conditions = conditionsOf(filter, "l");
  const levels = order === byLevel ? conditions.get("level") : undefined;
  return {
    table: "entitlement",
    idColumn: "entitlement_id",
    index: order === byLevel ? "ix_entitlement_level" : "ix_entitlement_latest",
    branches: [{ sql: "l.user_id = ? AND l.state = 'OWNED'", values: [userId] }],
    range: allOf(levels === undefined ? [] : [levels]),
    rest: allOf(conditions.values()),
  };
}

/** The bought version has all of the words; checked where the rest holds. */
function withWords(rest: Condition, words: readonly SearchWord[]): Condition {
  if (words.length === 0) {
    return rest;
  }
  const found = words.map(() => "v.search_text LIKE ?").join(" AND ");
  return {
    sql: `${rest.sql} AND EXISTS (SELECT 1 FROM question_version v
      WHERE v.question_id = l.question_id AND v.version = l.version AND ${found})`,
    values: [...rest.values, ...words.map(({ part }) => `%${part}%`)],
  };
}

/** Reads what the named entitlements give, in that order. */
async function readOwned(from: Queryable, entitlementIds: readonly bigint[]): Promise<LibraryRow[]> {
  if (entitlementIds.length === 0) {
    return [];
  }
  const rows = await from.query<LibraryRow>(`${select} WHERE e.entitlement_id IN (?)`, [entitlementIds]);
  const byId = new Map(rows.map(row => [row.entitlementId, row]));
  return entitlementIds.flatMap(id => byId.get(id) ?? []);
}
