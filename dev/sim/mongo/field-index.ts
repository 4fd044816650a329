import type { Document } from "./document.ts";
import { MongoFailure } from "./failure.ts";
import { compareValues, keyOf } from "./order.ts";
import { indexedValuesAt, valuesAt } from "./path.ts";
import { compareKeys, type SortSpec, sortValue } from "./sort.ts";

/** A stored document: decoded for comparisons, and its bytes for answers. */
export type Entry = { readonly sequence: number; document: Document; raw: Buffer };

export type IndexSpec = { readonly name: string; readonly key: SortSpec; readonly unique: boolean };

export type Slice = { readonly entries: readonly Entry[]; readonly start: number; readonly end: number };

const nothing: Slice = { entries: [], start: 0, end: 0 };

/**
 * A map from values of the key's first field to the documents that have them, each list sorted by the key's other
 * fields.
 */
export class FieldIndex {
  readonly spec: IndexSpec;
  readonly firstPath: string;
  /** The order of each list: the key without its first field. */
  readonly rest: SortSpec;
  /** True once a document had an array in the key; then lists have no defined order. */
  multikey = false;
  readonly #namespace: string;
  readonly #lists = new Map<string, Entry[]>();
  readonly #owners = new Map<string, Entry>();

  constructor(namespace: string, spec: IndexSpec) {
    this.spec = spec;
    this.#namespace = namespace;
    this.firstPath = spec.key[0]?.[0] ?? "_id";
    this.rest = spec.key.slice(1);
  }

  /** Throws MongoFailure DuplicateKey if an entry other than `self` has a key of this document. */
  assertFree(document: Document, self?: Entry): void {
    const tuples = this.#tuples(document);
    if (!this.spec.unique) {
      return;
    }
    for (const tuple of tuples) {
      const owner = this.#owners.get(tupleKey(tuple));
      if (owner !== undefined && owner !== self) {
        throw this.#duplicateKey(tuple);
      }
    }
  }

  add(entry: Entry): void {
    const { document } = entry;
    if (this.spec.key.some(([path]) => valuesAt(document, path).length !== 1 || hasArray(document, path))) {
      this.multikey = true;
    }
    for (const key of this.#firstKeys(document)) {
      const list = this.#lists.get(key);
      if (list === undefined) {
        this.#lists.set(key, [entry]);
      } else {
        list.splice(this.#position(list, entry), 0, entry);
      }
    }
    if (this.spec.unique) {
      for (const tuple of this.#tuples(document)) {
        this.#owners.set(tupleKey(tuple), entry);
      }
    }
  }

  /** Removes an entry; its document must be the one that was added. */
  remove(entry: Entry): void {
    for (const key of this.#firstKeys(entry.document)) {
      const list = this.#lists.get(key) ?? [];
      list.splice(this.#position(list, entry), 1);
      if (list.length === 0) {
        this.#lists.delete(key);
      }
    }
    if (this.spec.unique) {
      for (const tuple of this.#tuples(entry.document)) {
        this.#owners.delete(tupleKey(tuple));
      }
    }
  }

  /** The entries whose first field equals the value. */
  lookup(value: unknown): Slice {
    const entries = this.#lists.get(keyOf(value));
    return entries === undefined ? nothing : { entries, start: 0, end: entries.length };
  }

  /** Narrows a list to the range that operators on the second field allow; it may still contain other documents. */
  narrow({ entries, start, end }: Slice, operators: Document): Slice {
    const field = this.rest[0];
    if (field === undefined || this.multikey) {
      return { entries, start, end };
    }
    const compareTo = (entry: Entry, bound: unknown) =>
      compareValues(sortValue(entry.document, field), bound) * field[1];
    let [from, to] = [start, end];
    for (const [operator, bound] of Object.entries(operators)) {
      const isLower =
        (operator.startsWith("$gt") && field[1] === 1) || (operator.startsWith("$lt") && field[1] === -1);
      const isUpper =
        (operator.startsWith("$lt") && field[1] === 1) || (operator.startsWith("$gt") && field[1] === -1);
      if (isLower) {
        from = Math.max(
          from,
          partition(entries, entry => compareTo(entry, bound) < 0),
        );
      }
      if (isUpper) {
        to = Math.min(
          to,
          partition(entries, entry => compareTo(entry, bound) <= 0),
        );
      }
    }
    return { entries, start: from, end: Math.max(from, to) };
  }

  #position(list: readonly Entry[], entry: Entry): number {
    const key = this.rest.map(field => sortValue(entry.document, field));
    return partition(list, other => {
      const otherKey = this.rest.map(field => sortValue(other.document, field));
      return (compareKeys(otherKey, key, this.rest) || other.sequence - entry.sequence) < 0;
    });
  }

  #firstKeys(document: Document): Set<string> {
    const keys = new Set(indexedValuesAt(document, this.firstPath).map(keyOf));
    return keys.size === 0 ? new Set([keyOf(undefined)]) : keys;
  }

  #tuples(document: Document): unknown[][] {
    const columns = this.spec.key.map(([path]) => indexedValuesAt(document, path));
    if (columns.filter(column => column.length > 1).length > 1) {
      throw new MongoFailure(
        "CannotIndexParallelArrays",
        `Index ${this.spec.name} cannot hold two arrays of a document`,
      );
    }
    const length = Math.max(...columns.map(column => column.length));
    return Array.from({ length: Math.max(length, 1) }, (_, row) =>
      columns.map(column => (column.length > 1 ? column[row] : column[0])),
    );
  }

  #duplicateKey(tuple: readonly unknown[]): MongoFailure {
    const { name, key } = this.spec;
    const keyValue = Object.fromEntries(key.map(([path], index) => [path, tuple[index] ?? null]));
    const shown = key.map(([path], index) => `${path}: ${show(tuple[index])}`).join(", ");
    return new MongoFailure(
      "DuplicateKey",
      `E11000 duplicate key error collection: ${this.#namespace} index: ${name} dup key: { ${shown} }`,
      { keyPattern: Object.fromEntries(key), keyValue },
    );
  }
}

const hasArray = (document: Document, path: string): boolean => valuesAt(document, path).some(Array.isArray);

const tupleKey = (tuple: readonly unknown[]): string =>
  tuple.length === 1 ? keyOf(tuple[0]) : JSON.stringify(tuple.map(keyOf));

const show = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : String(value ?? null);

/** The number of leading items that pass the test, by binary search: no item may pass after one that fails. */
function partition<T>(items: readonly T[], test: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(items[middle] as T)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
