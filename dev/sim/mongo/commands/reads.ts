import { aggregate } from "../aggregate.ts";
import type { Collection } from "../collection.ts";
import { defaultBatchSize } from "../cursors.ts";
import { type Document, encode } from "../document.ts";
import { MongoFailure } from "../failure.ts";
import type { Entry } from "../field-index.ts";
import {
  assertFields,
  countField,
  documentField,
  documentsField,
  flagField,
  stringField,
} from "../fields.ts";
import { compileFilter } from "../filter.ts";
import { keyOf } from "../order.ts";
import { comparedValuesAt } from "../path.ts";
import { compileProjection } from "../projection.ts";
import { parseSort } from "../sort.ts";
import { type Command, namespaceIn, namespaceOf } from "./command.ts";

export const find: Command = {
  fields: [
    ...["filter", "sort", "projection", "skip", "limit", "batchSize", "singleBatch"],
    ...["noCursorTimeout", "allowDiskUse", "allowPartialResults"],
  ],
  run: request => {
    const { body, collections, cursors } = request;
    const namespace = namespaceOf(request);
    const project = compileProjection(documentField(body, "projection"));
    const entries = findEntries(collections.get(namespace), body, "filter");
    const results = entries.map(entry =>
      project === undefined ? entry.raw : encode(project(entry.document)),
    );
    const batchSize = countField(body, "batchSize", defaultBatchSize);
    return cursors.open(namespace, results, { batchSize, single: flagField(body, "singleBatch") });
  },
};

export const getMore: Command = {
  fields: ["collection", "batchSize"],
  run: ({ body, database, cursors }) => {
    const namespace = namespaceIn(database, stringField(body, "collection"));
    const batchSize = countField(body, "batchSize", 0) || Number.POSITIVE_INFINITY;
    return cursors.next(cursorId(body.getMore), namespace, batchSize);
  },
};

export const killCursors: Command = {
  fields: ["cursors"],
  run: ({ body, cursors }) => {
    const ids = Array.isArray(body.cursors) ? body.cursors.map(cursorId) : [];
    const killed = ids.filter(id => cursors.kill(id));
    const notFound = ids.filter(id => !killed.includes(id));
    return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] };
  },
};

export const count: Command = {
  fields: ["query", "skip", "limit"],
  run: request => ({
    n: findEntries(request.collections.get(namespaceOf(request)), request.body, "query").length,
  }),
};

export const distinct: Command = {
  fields: ["key", "query"],
  run: request => {
    const path = stringField(request.body, "key");
    const entries = findEntries(request.collections.get(namespaceOf(request)), request.body, "query");
    const values = new Map<string, unknown>();
    for (const { document } of entries) {
      for (const value of comparedValuesAt(document, path)) {
        if (value !== undefined && !Array.isArray(value) && !values.has(keyOf(value))) {
          values.set(keyOf(value), value);
        }
      }
    }
    return { values: [...values.values()] };
  },
};

export const aggregateCommand: Command = {
  fields: ["pipeline", "cursor", "allowDiskUse", "bypassDocumentValidation"],
  run: request => {
    const { body, collections, cursors } = request;
    const namespace = namespaceOf(request);
    const cursor = documentField(body, "cursor");
    assertFields(cursor, new Set(["batchSize"]), "aggregate.cursor");
    const results = aggregate(collections.get(namespace), documentsField(body, "pipeline")).map(encode);
    const batchSize = countField(cursor, "batchSize", defaultBatchSize);
    return cursors.open(namespace, results, { batchSize, single: false });
  },
};

function findEntries(collection: Collection | undefined, body: Document, filterField: string): Entry[] {
  const filter = documentField(body, filterField);
  const sort = parseSort(documentField(body, "sort"));
  const skip = countField(body, "skip", 0);
  const limit = countField(body, "limit", 0) || Number.POSITIVE_INFINITY;
  if (collection !== undefined) {
    return collection.find({ filter, sort, skip, limit });
  }
  compileFilter(filter);
  return [];
}

function cursorId(value: unknown): bigint {
  if (typeof value === "bigint") {
    return value;
  }
  throw new MongoFailure("TypeMismatch", "A cursor id must be a 64-bit integer");
}
