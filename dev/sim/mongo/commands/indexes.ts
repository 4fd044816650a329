import { type Collection, idIndex } from "../collection.ts";
import { type Document, encode, isDocument } from "../document.ts";
import { MongoFailure, notImplemented } from "../failure.ts";
import type { IndexSpec } from "../field-index.ts";
import {
  assertFields,
  countField,
  documentField,
  documentsField,
  flagField,
  stringField,
} from "../fields.ts";
import { parseSort } from "../sort.ts";
import { type Command, namespaceOf } from "./command.ts";

const maxIndexes = 64;
const specFields = new Set(["key", "name", "unique", "background", "v", "ns"]);

export const createIndexes: Command = {
  fields: ["indexes", "commitQuorum"],
  run: async request => {
    const { body, collections } = request;
    const specs = documentsField(body, "indexes").map(parseSpec);
    const namespace = namespaceOf(request);
    const createdCollectionAutomatically = collections.get(namespace) === undefined;
    const collection = collections.ensure(namespace);
    const numIndexesBefore = collection.indexes.size;
    for (const spec of specs.filter(spec => isNew(collection, spec))) {
      collections.addIndex(collection, spec);
    }
    await collections.synced();
    const numIndexesAfter = collection.indexes.size;
    return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically };
  },
};

export const listIndexes: Command = {
  fields: ["cursor"],
  run: request => {
    const { collections, body, cursors } = request;
    const namespace = namespaceOf(request);
    const results = [...existing(collections.get(namespace), namespace).indexes.values()].map(({ spec }) =>
      encode({
        v: 2,
        key: Object.fromEntries(spec.key),
        name: spec.name,
        ...(spec.unique && spec.name !== idIndex.name ? { unique: true } : {}),
      }),
    );
    const batchSize = countField(documentField(body, "cursor"), "batchSize", results.length + 1);
    return cursors.open(namespace, results, { batchSize, single: false });
  },
};

export const dropIndexes: Command = {
  fields: ["index"],
  run: async request => {
    const { collections, body } = request;
    const namespace = namespaceOf(request);
    const collection = existing(collections.get(namespace), namespace);
    const nIndexesWas = collection.indexes.size;
    const names = namesToDrop(collection, body.index);
    for (const name of names) {
      collections.dropIndex(collection, name);
    }
    await collections.synced();
    return { nIndexesWas };
  },
};

function namesToDrop(collection: Collection, index: unknown): string[] {
  const names = [...collection.indexes.keys()].filter(name => name !== idIndex.name);
  if (index === "*") {
    return names;
  }
  const key = isDocument(index) ? keyText(parseSort(index)) : undefined;
  const found = names.filter(
    name => name === index || keyText(collection.indexes.get(name)?.spec.key) === key,
  );
  if (found.length === 0) {
    throw new MongoFailure("IndexNotFound", "There is no such index that may be dropped");
  }
  return found;
}

function parseSpec(document: Document): IndexSpec {
  assertFields(document, specFields, "createIndexes.indexes");
  for (const [path, kind] of Object.entries(documentField(document, "key"))) {
    if (typeof kind === "string") {
      throw notImplemented(`The index kind '${kind}'`);
    }
    if (path.split(".").some(step => step === "" || step.startsWith("$"))) {
      throw new MongoFailure("CannotCreateIndex", `The path '${path}' cannot be indexed`);
    }
  }
  const key = parseSort(documentField(document, "key"));
  if (key.length === 0) {
    throw new MongoFailure("CannotCreateIndex", "An index needs at least one field");
  }
  return { name: stringField(document, "name"), key, unique: flagField(document, "unique") };
}

function isNew(collection: Collection, spec: IndexSpec): boolean {
  if (keyText(spec.key) === keyText(idIndex.key)) {
    return false;
  }
  for (const { spec: other } of collection.indexes.values()) {
    const sameName = other.name === spec.name;
    const sameKey = keyText(other.key) === keyText(spec.key);
    if (sameName && sameKey && other.unique === spec.unique) {
      return false;
    }
    if (sameName) {
      throw new MongoFailure("IndexKeySpecsConflict", `Another index is named ${spec.name}`);
    }
    if (sameKey) {
      throw new MongoFailure("IndexOptionsConflict", `The index exists with other options: ${other.name}`);
    }
  }
  if (collection.indexes.size >= maxIndexes) {
    throw new MongoFailure("CannotCreateIndex", "Too many indexes");
  }
  return true;
}

function existing(collection: Collection | undefined, namespace: string): Collection {
  if (collection === undefined) {
    throw new MongoFailure("NamespaceNotFound", `ns does not exist: ${namespace}`);
  }
  return collection;
}

const keyText = (key: IndexSpec["key"] | undefined): string | undefined => key && JSON.stringify(key);
