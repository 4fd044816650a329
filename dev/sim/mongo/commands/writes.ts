import type { Collection } from "../collection.ts";
import type { Collections } from "../collections.ts";
import { type Document, decode } from "../document.ts";
import { MongoFailure } from "../failure.ts";
import { assertFields, countField, documentField, documentsField, flagField } from "../fields.ts";
import { compileFilter } from "../filter.ts";
import { compileUpdate, isReplacement, upsertedDocument } from "../update.ts";
import { type Command, namespaceOf } from "./command.ts";
import { runStatements } from "./statements.ts";
import { storable } from "./storable.ts";

export const insert: Command = {
  fields: ["documents", "ordered", "bypassDocumentValidation"],
  run: async request => {
    const { body, collections } = request;
    const collection = collections.ensure(namespaceOf(request));
    let n = 0;
    const outcome = runStatements(body, documentsField(body, "documents"), document => {
      collections.insert(collection, storable(document));
      n++;
    });
    await collections.synced();
    return { n, ...outcome };
  },
};

const updateFields = new Set(["q", "u", "multi", "upsert"]);

export const update: Command = {
  fields: ["updates", "ordered", "bypassDocumentValidation"],
  run: async request => {
    const { body, collections } = request;
    const collection = collections.ensure(namespaceOf(request));
    const upserted: Document[] = [];
    let [n, nModified] = [0, 0];
    const outcome = runStatements(body, documentsField(body, "updates"), (statement, index) => {
      assertFields(statement, updateFields, "update.updates");
      const result = applyStatement(collections, collection, statement);
      n += result.matched;
      nModified += result.modified;
      if (result.upsertedId !== undefined) {
        upserted.push({ index, _id: result.upsertedId });
      }
    });
    await collections.synced();
    return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...outcome };
  },
};

const deleteFields = new Set(["q", "limit"]);

export const deleteCommand: Command = {
  fields: ["deletes", "ordered"],
  run: async request => {
    const { body, collections } = request;
    const collection = collections.get(namespaceOf(request));
    let n = 0;
    const outcome = runStatements(body, documentsField(body, "deletes"), statement => {
      assertFields(statement, deleteFields, "delete.deletes");
      const filter = documentField(statement, "q");
      const limit = countField(statement, "limit", 0) || Number.POSITIVE_INFINITY;
      compileFilter(filter);
      for (const entry of collection?.find({ filter, limit }) ?? []) {
        if (collection !== undefined) {
          collections.remove(collection, entry);
        }
        n++;
      }
    });
    await collections.synced();
    return { n, ...outcome };
  },
};

type Outcome = { matched: number; modified: number; upsertedId?: unknown };

function applyStatement(collections: Collections, collection: Collection, statement: Document): Outcome {
  const filter = documentField(statement, "q");
  const multi = flagField(statement, "multi");
  const change = compileUpdate(statement.u);
  const replacing = isReplacement(statement.u);
  if (multi && replacing) {
    throw new MongoFailure("FailedToParse", "A replacement cannot be applied to many documents");
  }
  const entries = collection.find({ filter, limit: multi ? Number.POSITIVE_INFINITY : 1 });
  if (entries.length === 0 && flagField(statement, "upsert")) {
    const document = storable(upsertedDocument(filter, change, replacing));
    collections.insert(collection, document);
    return { matched: 1, modified: 0, upsertedId: document._id };
  }
  let modified = 0;
  for (const entry of entries) {
    if (collections.replace(collection, entry, storable(change(decode(entry.raw), false)))) {
      modified++;
    }
  }
  return { matched: entries.length, modified };
}
