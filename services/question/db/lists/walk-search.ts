import type { Queryable } from "#kit/data/database.ts";
import type { Page } from "#kit/data/keyset.ts";
import type { SearchWord } from "../../domain/search-text.ts";
import type { StoreQuery } from "../../store-search.ts";
import { allOf, type Condition } from "./condition.ts";
import type { ListingOrder } from "./listing-order.ts";
import { planOf } from "./listing-plan.ts";
import type { Keep } from "./listing-search.ts";
import type { Place } from "./order.ts";
import { fill, pageOf, type Wanted } from "./page.ts";
import { createWalk, type Walk } from "./walk.ts";

/** A page to find. */
export interface Search {
  readonly from: Queryable;
  readonly keep: Keep;
  readonly query: StoreQuery;
  readonly order: ListingOrder;
  readonly words: readonly SearchWord[];
  readonly after: Place | undefined;
  readonly wanted: Wanted;
  readonly maxRows: number;
}

/** How the first page was found is how the next ones are: it is part of their tokens. */
export const byWalk = "walk";

/** Finds a page by reading its list in order. */
export async function findByWalk(search: Search, maxRows: number): Promise<Page<bigint>> {
  return pageOf(await fill(walkOf(search), search.wanted, maxRows), search.wanted, byWalk);
}

/** Starts to read a list in order. `checks` follow the one of the filter and the words. */
export function walkOf(
  { from, query, order, words, after, wanted }: Search,
  checks: readonly Condition[] = [],
): Walk {
  const plan = planOf(query.filter, order);
  return createWalk(from, {
    plan,
    order,
    checks: [allOf([plan.rest, ...words.map(hasPart)]), ...checks],
    after,
    wanted: wanted.limit + 1,
  });
}

/** The text of a question has a word or a term. */
export function hasPart({ part }: { readonly part: string }): Condition {
  return { sql: "l.search_text LIKE ?", values: [`%${part}%`] };
}
