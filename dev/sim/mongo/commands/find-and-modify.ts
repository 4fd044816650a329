import { type Document, decode } from "../document.ts";
import { MongoFailure } from "../failure.ts";
import { documentField, flagField } from "../fields.ts";
import { compileProjection } from "../projection.ts";
import { parseSort } from "../sort.ts";
import { compileUpdate, isReplacement, upsertedDocument } from "../update.ts";
import { type Command, namespaceOf, type Request } from "./command.ts";
import { storable } from "./storable.ts";

type Change = { value: Document | null; lastErrorObject: Document };

export const findAndModify: Command = {
  fields: ["query", "sort", "remove", "update", "new", "fields", "upsert", "bypassDocumentValidation"],
  run: async request => {
    const { body, collections } = request;
    const project = compileProjection(documentField(body, "fields"));
    const { value, lastErrorObject } = flagField(body, "remove") ? removeOne(request) : updateOne(request);
    await collections.synced();
    return { value: value === null || project === undefined ? value : project(value), lastErrorObject };
  },
};

function removeOne(request: Request): Change {
  const { body, collections } = request;
  if (body.update !== undefined || flagField(body, "new") || flagField(body, "upsert")) {
    throw new MongoFailure("FailedToParse", "'remove' goes with neither 'update' nor 'new' nor 'upsert'");
  }
  const { collection, entry } = locate(request);
  if (entry === undefined) {
    return { value: null, lastErrorObject: { n: 0 } };
  }
  collections.remove(collection, entry);
  return { value: entry.document, lastErrorObject: { n: 1 } };
}

function updateOne(request: Request): Change {
  const { body, collections } = request;
  const change = compileUpdate(body.update);
  const { collection, entry } = locate(request);
  const wantsNew = flagField(body, "new");
  if (entry === undefined && !flagField(body, "upsert")) {
    return { value: null, lastErrorObject: { n: 0, updatedExisting: false } };
  }
  if (entry === undefined) {
    const document = storable(
      upsertedDocument(documentField(body, "query"), change, isReplacement(body.update)),
    );
    collections.insert(collection, document);
    return {
      value: wantsNew ? document : null,
      lastErrorObject: { n: 1, updatedExisting: false, upserted: document._id },
    };
  }
  const before = entry.document;
  collections.replace(collection, entry, storable(change(decode(entry.raw), false)));
  return { value: wantsNew ? entry.document : before, lastErrorObject: { n: 1, updatedExisting: true } };
}

function locate(request: Request) {
  const collection = request.collections.ensure(namespaceOf(request));
  const sort = parseSort(documentField(request.body, "sort"));
  const [entry] = collection.find({ filter: documentField(request.body, "query"), sort, limit: 1 });
  return { collection, entry };
}
