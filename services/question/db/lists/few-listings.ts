import type { Queryable } from "#kit/data/database.ts";
import type { StoreQuery } from "../../store-search.ts";
import { allOf, type Condition, conditionsOf } from "./condition.ts";
import { subjectsOf, typesOf } from "./listing-plan.ts";
import type { Order } from "./order.ts";
import { bitsOf, type Entry } from "./walk.ts";

/** Rows that were read whole because they are few, in no order. */
type Few = Entry[] | undefined;

interface SetOptions {
  readonly order: Order;
  readonly checks: readonly Condition[];
  readonly maxRows: number;
}

/**
 * Reads the questions that have all of the terms, by the full-text index. Returns undefined where there are more than
 * `maxRows`. The index finds rare terms in a millisecond; one that is in every fifth of many questions takes it long.
 */
export async function findByTerms(
  from: Queryable,
  terms: readonly string[],
  { order, checks, maxRows }: SetOptions,
): Promise<Few> {
  const passed = bitsOf(checks);
  const rows = await from.query<Entry>(
    `SELECT CAST(l.${order.column} AS CHAR) AS \`key\`, l.question_id AS id, ${passed.sql} AS passed FROM listing l
      WHERE MATCH (l.search_terms) AGAINST (? IN BOOLEAN MODE) LIMIT ?`,
    [...passed.values, terms.map(term => `+${term}`).join(" "), maxRows + 1],
  );
  return fewOf(rows, maxRows);
}

/** Reads the questions between two prices. Returns undefined where there are more than `maxRows`. */
export async function findByPrice(
  from: Queryable,
  { filter }: StoreQuery,
  { order, checks, maxRows }: SetOptions,
): Promise<Few> {
  const { subjects, type } = filter;
  const prices = conditionsOf(filter, "l").get("pricePoints") ?? allOf([]);
  const passed = bitsOf(checks);
  const rows = await from.query<Entry>(
    `SELECT CAST(l.${order.column} AS CHAR) AS \`key\`, l.question_id AS id, ${passed.sql} AS passed
      FROM listing l FORCE INDEX (ix_listing_shelf_price)
      WHERE l.subject IN (?) AND l.type IN (?) AND ${prices.sql} LIMIT ?`,
    [...passed.values, subjectsOf(subjects), typesOf(type), ...prices.values, maxRows + 1],
  );
  return fewOf(rows, maxRows);
}

function fewOf(rows: readonly Entry[], maxRows: number): Few {
  return rows.length > maxRows
    ? undefined
    : rows.map(({ key, id, passed }) => ({ key, id, passed: Number(passed) }));
}
