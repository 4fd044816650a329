import type { Collection } from "./collection.ts";
import type { Document } from "./document.ts";
import type { Entry, FieldIndex, Slice } from "./field-index.ts";
import { equalities, hasOperators } from "./filter.ts";
import type { SortSpec } from "./sort.ts";

/** The entries that a find has to test; `sorted` if they have the requested order. */
type Scan = { readonly entries: Iterable<Entry>; readonly sorted: boolean };

/**
 * Chooses the entries that a filter can match: those of an index whose first field the filter compares with one or a
 * few values, otherwise all. Prefers an index that also has the requested order, then the shortest list.
 */
export function planScan(collection: Collection, filter: Document, sort: SortSpec): Scan {
  const pinned = equalities(filter);
  const candidates = [...collection.indexes.values()].flatMap(index => {
    if (!isScalar(pinned.get(index.firstPath))) {
      return [];
    }
    const slice = narrowed(index, filter, pinned);
    const order = orderOf(index, pinned, sort);
    return [{ slice, order, size: slice.end - slice.start }];
  });
  candidates.sort((left, right) => Number(!left.order) - Number(!right.order) || left.size - right.size);
  const best = candidates[0];
  if (best !== undefined) {
    return { entries: walk(best.slice, best.order === "backward"), sorted: best.order !== undefined };
  }
  return { entries: entriesOfFew(collection, filter) ?? collection.entries(), sorted: sort.length === 0 };
}

// An index cannot look up arrays, which it stores by element, or null, which also matches a missing field.
const isScalar = (value: unknown): boolean => value !== undefined && value !== null && !Array.isArray(value);

function narrowed(index: FieldIndex, filter: Document, pinned: ReadonlyMap<string, unknown>): Slice {
  const slice = index.lookup(pinned.get(index.firstPath));
  const second = index.rest[0]?.[0];
  if (second === undefined) {
    return slice;
  }
  const value = pinned.get(second);
  if (isScalar(value)) {
    return index.narrow(slice, { $gte: value, $lte: value });
  }
  const criterion = filter[second];
  return hasOperators(criterion) ? index.narrow(slice, criterion) : slice;
}

/** The direction in which a list of the index has the requested order; undefined if it does not. */
function orderOf(
  index: FieldIndex,
  pinned: ReadonlyMap<string, unknown>,
  sort: SortSpec,
): "forward" | "backward" | undefined {
  const isFree = ([path]: SortSpec[number]) => !isScalar(pinned.get(path));
  const wanted = index.multikey ? sort : sort.filter(isFree);
  if (wanted.length === 0) {
    return "forward";
  }
  if (index.multikey) {
    return undefined;
  }
  const given = index.rest.filter(isFree);
  const agrees = (sign: 1 | -1) =>
    wanted.every(([path, direction], at) => given[at]?.[0] === path && given[at]?.[1] === direction * sign);
  if (agrees(1)) {
    return "forward";
  }
  return agrees(-1) ? "backward" : undefined;
}

function* walk({ entries, start, end }: Slice, backward: boolean): Generator<Entry> {
  for (let at = 0; at < end - start; at++) {
    yield entries[backward ? end - 1 - at : start + at] as Entry;
  }
}

function entriesOfFew(collection: Collection, filter: Document): Entry[] | undefined {
  for (const index of collection.indexes.values()) {
    const criterion = filter[index.firstPath];
    const values = hasOperators(criterion) ? criterion.$in : undefined;
    if (!Array.isArray(values) || !values.every(isScalar)) {
      continue;
    }
    const found = new Set(values.flatMap(value => index.lookup(value).entries));
    return [...found].sort((left, right) => left.sequence - right.sequence);
  }
  return undefined;
}
