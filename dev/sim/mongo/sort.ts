import type { Document } from "./document.ts";
import { MongoFailure, notImplemented } from "./failure.ts";
import { compareValues } from "./order.ts";
import { valuesAt } from "./path.ts";

type Direction = 1 | -1;
/** Paths and directions, the most significant first; for sorts and for keys of indexes. */
export type SortSpec = readonly (readonly [path: string, direction: Direction])[];

/** Throws MongoFailure for directions other than 1 and -1. */
export function parseSort(sort: Document): SortSpec {
  return Object.entries(sort).map(([path, direction]) => {
    if (typeof direction === "object" && direction !== null) {
      throw notImplemented(`Sorting '${path}' by an expression`);
    }
    const number = Number(direction);
    if (number !== 1 && number !== -1) {
      throw new MongoFailure("BadValue", `The direction of '${path}' must be 1 or -1`);
    }
    return [path, number] as const;
  });
}

export function sortDocuments<T>(
  items: readonly T[],
  sort: SortSpec,
  documentOf: (item: T) => Document,
): T[] {
  const keyed = items.map(item => ({ item, key: sort.map(field => sortValue(documentOf(item), field)) }));
  keyed.sort((left, right) => compareKeys(left.key, right.key, sort));
  return keyed.map(({ item }) => item);
}

/** The value by which a document is sorted: of an array, the smallest element, or the largest if descending. */
export function sortValue(document: Document, [path, direction]: SortSpec[number]): unknown {
  const values = valuesAt(document, path);
  if (values.length === 1 && !Array.isArray(values[0])) {
    return values[0];
  }
  return values
    .flat()
    .reduce<unknown>(
      (best, value, index) => (index === 0 || compareValues(value, best) * direction < 0 ? value : best),
      undefined,
    );
}

export function compareKeys(left: readonly unknown[], right: readonly unknown[], sort: SortSpec): number {
  for (let index = 0; index < sort.length; index++) {
    const difference = compareValues(left[index], right[index]);
    if (difference !== 0) {
      return difference * (sort[index]?.[1] ?? 1);
    }
  }
  return 0;
}
