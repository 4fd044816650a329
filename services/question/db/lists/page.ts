import type { Page } from "#kit/data/keyset.ts";
import { comparePlaces, type Order, type Place } from "./order.ts";
import type { Entry, Walk } from "./walk.ts";

/** What a walk has brought for a page so far. */
interface Filling {
  /** Rows of the page, and one more where there is a next page. */
  readonly matches: Entry[];
  readonly read: Entry[];
  state: "full" | "end" | "spent";
}

/** What a page needs. */
export interface Wanted {
  readonly limit: number;
}

/** Reads on until the page is full, the list ends, or `maxRows` were read in all. */
export async function fill(
  walk: Walk,
  wanted: Wanted,
  maxRows: number,
  filling: Filling = { matches: [], read: [], state: "spent" },
): Promise<Filling> {
  const { matches, read } = filling;
  while (matches.length <= wanted.limit) {
    const next = await walk.next(maxRows);
    if (typeof next === "string") {
      filling.state = next;
      return filling;
    }
    read.push(next);
    if (isMatch(next)) {
      matches.push(next);
    }
  }
  filling.state = "full";
  return filling;
}

/**
 * The ids on the page; the next one begins after its last row, or where the reading stopped. `way` tells the next page
 * how this one was found.
 */
export function pageOf({ matches, read, state }: Filling, { limit }: Wanted, way = ""): Page<bigint> {
  const last = state === "full" ? matches[limit - 1] : state === "spent" ? read.at(-1) : undefined;
  return {
    rows: matches.slice(0, limit).map(({ id }) => id),
    nextAfter: last === undefined ? undefined : [last.key, last.id.toString(), way],
  };
}

/** The page among a few rows that are all there are. */
export function pageOfFew(
  few: readonly Entry[],
  { order, after, wanted, way }: { order: Order; after: Place | undefined; wanted: Wanted; way: string },
): Page<bigint> {
  const compare = comparePlaces(order);
  const matches = few
    .filter(entry => isMatch(entry) && (after === undefined || compare(after, entry) < 0))
    .toSorted(compare);
  const state = matches.length > wanted.limit ? "full" : "end";
  return pageOf({ matches, read: [], state }, wanted, way);
}

/** Whether a row passes the first check, which says whether it belongs to the list. */
export function isMatch({ passed }: Entry): boolean {
  return passed % 2 === 1;
}
