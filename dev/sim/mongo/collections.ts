import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { tryLock } from "../../stack/servers/lock.ts";
import { Collection, idIndex } from "./collection.ts";
import { type Document, decode } from "./document.ts";
import { MongoFailure } from "./failure.ts";
import type { Entry, IndexSpec } from "./field-index.ts";
import { type Log, type LogRecord, openLog, replayLog, rewriteLog } from "./log.ts";

/**
 * All collections, and the only way to change them: every change is appended to the log. A client is answered after
 * `synced`.
 */
export type Collections = {
  get(namespace: string): Collection | undefined;
  list(database: string): Collection[];
  /** The collection; creates it if it is missing. */
  ensure(namespace: string): Collection;
  drop(namespace: string): boolean;
  insert(collection: Collection, document: Document): void;
  replace(collection: Collection, entry: Entry, document: Document): boolean;
  remove(collection: Collection, entry: Entry): void;
  addIndex(collection: Collection, spec: IndexSpec): void;
  dropIndex(collection: Collection, name: string): void;
  synced(): Promise<void>;
  close(): Promise<void>;
};

const maxCollections = 1000;

/** Loads the data of a directory and compacts its log; without a directory the data is in memory only. */
export async function openCollections(directory: string | undefined): Promise<Collections> {
  const byNamespace = new Map<string, Collection>();
  if (directory === undefined) {
    return createCollections(byNamespace, inMemory);
  }
  await mkdir(directory, { recursive: true });
  const lock = await tryLock(await realpath(directory));
  if (lock === undefined) {
    throw new Error(`${directory} is in use by another server`);
  }
  try {
    const path = join(directory, "mongo.log");
    let recordCount = 0;
    const { torn } = await replayLog(path, record => {
      apply(byNamespace, record);
      recordCount++;
    });
    if (torn || recordCount > countOf(byNamespace)) {
      await rewriteLog(path, recordsOf(byNamespace));
    }
    const log = await openLog(path);
    return createCollections(byNamespace, { ...log, close: () => log.close().finally(lock.release) });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

const inMemory: Log = { append: () => {}, synced: async () => {}, close: async () => {} };

function createCollections(byNamespace: Map<string, Collection>, log: Log): Collections {
  const ensure = (namespace: string): Collection => {
    const existing = byNamespace.get(namespace);
    if (existing !== undefined) {
      return existing;
    }
    if (byNamespace.size >= maxCollections) {
      throw new MongoFailure("CommandNotSupported", `More than ${maxCollections} collections`);
    }
    const collection = new Collection(namespace);
    byNamespace.set(namespace, collection);
    log.append({ op: "create", ns: namespace });
    return collection;
  };
  return {
    get: namespace => byNamespace.get(namespace),
    list: database =>
      [...byNamespace.values()].filter(({ namespace }) => namespace.startsWith(`${database}.`)),
    ensure,
    drop: namespace => {
      if (!byNamespace.delete(namespace)) {
        return false;
      }
      log.append({ op: "drop", ns: namespace });
      return true;
    },
    insert: (collection, document) => {
      const { raw } = collection.insert(document);
      log.append({ op: "put", ns: collection.namespace, raw });
    },
    replace: (collection, entry, document) => {
      if (!collection.replace(entry, document)) {
        return false;
      }
      log.append({ op: "put", ns: collection.namespace, raw: entry.raw });
      return true;
    },
    remove: (collection, entry) => {
      collection.remove(entry);
      log.append({ op: "delete", ns: collection.namespace, id: entry.document._id });
    },
    addIndex: (collection, spec) => {
      collection.addIndex(spec);
      log.append(indexRecord(collection, spec));
    },
    dropIndex: (collection, name) => {
      collection.indexes.delete(name);
      log.append({ op: "dropIndex", ns: collection.namespace, name });
    },
    synced: log.synced,
    close: log.close,
  };
}

function apply(byNamespace: Map<string, Collection>, record: LogRecord): void {
  if (record.op === "create") {
    byNamespace.set(record.ns, new Collection(record.ns));
    return;
  }
  const collection = byNamespace.get(record.ns);
  if (collection === undefined) {
    throw new Error(`The log changes ${record.ns} before it creates it`);
  }
  switch (record.op) {
    case "drop":
      byNamespace.delete(record.ns);
      break;
    case "put":
      put(collection, decode(record.raw));
      break;
    case "delete":
      remove(collection, record.id);
      break;
    case "index":
      collection.addIndex(record.spec as IndexSpec);
      break;
    case "dropIndex":
      collection.indexes.delete(record.name);
      break;
  }
}

function put(collection: Collection, document: Document): void {
  const entry = collection.byId(document._id);
  if (entry === undefined) {
    collection.insert(document);
  } else {
    collection.replace(entry, document);
  }
}

function remove(collection: Collection, id: unknown): void {
  const entry = collection.byId(id);
  if (entry !== undefined) {
    collection.remove(entry);
  }
}

function* recordsOf(byNamespace: ReadonlyMap<string, Collection>): Generator<LogRecord> {
  for (const collection of byNamespace.values()) {
    yield { op: "create", ns: collection.namespace };
    for (const { spec } of collection.indexes.values()) {
      if (spec.name !== idIndex.name) {
        yield indexRecord(collection, spec);
      }
    }
    for (const { raw } of collection.entries()) {
      yield { op: "put", ns: collection.namespace, raw };
    }
  }
}

function countOf(byNamespace: ReadonlyMap<string, Collection>): number {
  return [...byNamespace.values()].reduce((sum, { size, indexes }) => sum + size + indexes.size, 0);
}

const indexRecord = (collection: Collection, spec: IndexSpec): LogRecord => ({
  op: "index",
  ns: collection.namespace,
  spec: { ...spec },
});
