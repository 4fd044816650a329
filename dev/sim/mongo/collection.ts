import { type Document, encodeStored } from "./document.ts";
import { type Entry, FieldIndex, type IndexSpec } from "./field-index.ts";
import { compileFilter } from "./filter.ts";
import { planScan } from "./plan.ts";
import { type SortSpec, sortDocuments } from "./sort.ts";

type FindOptions = { filter: Document; sort?: SortSpec; skip?: number; limit?: number };

export const idIndex: IndexSpec = { name: "_id_", key: [["_id", 1]], unique: true };

/** The documents and indexes of one collection, in memory. */
export class Collection {
  readonly namespace: string;
  readonly indexes = new Map<string, FieldIndex>();
  readonly #entries = new Set<Entry>();
  #sequence = 0;

  constructor(namespace: string) {
    this.namespace = namespace;
    this.addIndex(idIndex);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** All entries in insertion order. */
  entries(): Iterable<Entry> {
    return this.#entries;
  }

  byId(id: unknown): Entry | undefined {
    return this.indexes.get(idIndex.name)?.lookup(id).entries[0];
  }

  /** Throws MongoFailure DuplicateKey or BSONObjectTooLarge. */
  insert(document: Document): Entry {
    const entry = { sequence: this.#sequence++, document, raw: encodeStored(document) };
    for (const index of this.indexes.values()) {
      index.assertFree(document);
    }
    for (const index of this.indexes.values()) {
      index.add(entry);
    }
    this.#entries.add(entry);
    return entry;
  }

  /** Replaces the document of an entry; false if both are equal byte by byte. */
  replace(entry: Entry, document: Document): boolean {
    const raw = encodeStored(document);
    if (raw.equals(entry.raw)) {
      return false;
    }
    for (const index of this.indexes.values()) {
      index.assertFree(document, entry);
    }
    for (const index of this.indexes.values()) {
      index.remove(entry);
    }
    entry.document = document;
    entry.raw = raw;
    for (const index of this.indexes.values()) {
      index.add(entry);
    }
    return true;
  }

  remove(entry: Entry): void {
    for (const index of this.indexes.values()) {
      index.remove(entry);
    }
    this.#entries.delete(entry);
  }

  find({ filter, sort = [], skip = 0, limit = Number.POSITIVE_INFINITY }: FindOptions): Entry[] {
    const test = compileFilter(filter);
    const scan = planScan(this, filter, sort);
    const wanted = scan.sorted ? skip + limit : Number.POSITIVE_INFINITY;
    const found: Entry[] = [];
    for (const entry of scan.entries) {
      if (found.length >= wanted) {
        break;
      }
      if (test(entry.document)) {
        found.push(entry);
      }
    }
    const ordered = scan.sorted ? found : sortDocuments(found, sort, entry => entry.document);
    return ordered.slice(skip, skip + limit);
  }

  /** Throws MongoFailure DuplicateKey and changes nothing if documents violate a unique index. */
  addIndex(spec: IndexSpec): void {
    const index = new FieldIndex(this.namespace, spec);
    for (const entry of this.#entries) {
      index.assertFree(entry.document);
      index.add(entry);
    }
    this.indexes.set(spec.name, index);
  }
}
