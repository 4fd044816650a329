import type { Queryable } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";
import { searchWordsOf } from "../../domain/search-text.ts";
import type { StoreQuery, StoreSearch } from "../../store-search.ts";
import { allOf, conditionsOf } from "./condition.ts";
import { findByPrice } from "./few-listings.ts";
import { orderOf } from "./listing-order.ts";
import { putListings } from "./listings.ts";
import { pageOfFew } from "./page.ts";
import { findByText } from "./text-search.ts";
import { byWalk, findByWalk, type Search } from "./walk-search.ts";

/** Keeps what was found for half a minute, for the next pages and for others who ask for the same. */
export type Keep = (key: string, find: () => Promise<string>) => Promise<string>;

/** The search of the store by MariaDB's own means; docs/search.md says where they end. */
export function createListingSearch(database: Queryable, keep: Keep): StoreSearch {
  return {
    findPage: (query, page) => findPage(database, keep, query, page),
    put: putListings,
  };
}

// Rows that a call may read for each question it was asked for, as if for twenty at least. With those that show a
// question, 50 are not exceeded.
const rowsPerShown = 40;
const smallestPage = 20;

async function findPage(
  from: Queryable,
  keep: Keep,
  query: StoreQuery,
  page: PageCursor,
): Promise<Page<bigint>> {
  const { filter, sort } = query;
  const words = searchWordsOf(filter.text);
  if (filter.text !== "" && words.length === 0) {
    return { rows: [], nextAfter: undefined };
  }
  const [key = "", id = "0", way] = page.after ?? [];
  const { limit } = page;
  const search: Search = {
    from,
    keep,
    query,
    order: orderOf(sort),
    words,
    after: page.after && { key, id: BigInt(id) },
    wanted: { limit },
    maxRows: rowsPerShown * Math.max(limit, smallestPage),
  };
  if (words.length > 0) {
    return findByText(search, way);
  }
  const isPriced = filter.minPricePoints !== 0n || filter.maxPricePoints !== 0n;
  return isPriced && filter.creatorId === 0n && search.order.name !== "price"
    ? findInPrices(search, way)
    : findByWalk(search, search.maxRows);
}

// The part of the rows that may be spent on reading all questions of some prices.
const fewOfPrices = 0.25;

async function findInPrices(search: Search, way: string | undefined): Promise<Page<bigint>> {
  const { from, query, order, after, wanted, maxRows } = search;
  if (way === byWalk) {
    return findByWalk(search, maxRows);
  }
  const few = await findByPrice(from, query, {
    order,
    checks: [allOf(conditionsOf(query.filter, "l").values())],
    maxRows: maxRows * fewOfPrices,
  });
  return few === undefined
    ? findByWalk(search, maxRows * (1 - fewOfPrices))
    : pageOfFew(few, { order, after, wanted, way: "few" });
}
