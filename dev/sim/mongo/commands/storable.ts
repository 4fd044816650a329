import { BSON } from "bson";
import { assertSupportedValues, type Document } from "../document.ts";
import { MongoFailure } from "../failure.ts";

/**
 * The document in the form in which it is stored: only supported types, `_id` first, and a new `_id` if there is
 * none.
 */
export function storable(document: Document): Document {
  assertSupportedValues(document);
  const dollar = Object.keys(document).find(name => name.startsWith("$"));
  if (dollar !== undefined) {
    throw new MongoFailure("BadValue", `The field name '${dollar}' starts with $`);
  }
  const { _id, ...fields } = document;
  if (Array.isArray(_id)) {
    throw new MongoFailure("BadValue", "_id must not be an array");
  }
  return { _id: _id === undefined ? new BSON.ObjectId() : _id, ...fields };
}
