import { BSON } from "bson";
import { assertSupportedValues, type Document } from "../document.ts";
import { MongoFailure } from "../failure.ts";

/** The document as it is stored: every value of a supported type, `_id` first and made up when it is missing. */
export function storable(document: Document): Document {
  assertSupportedValues(document);
  const dollar = Object.keys(document).find(name => name.startsWith("$"));
  if (dollar !== undefined) throw new MongoFailure("BadValue", `The field name '${dollar}' starts with $`);
  const { _id, ...fields } = document;
  if (Array.isArray(_id)) throw new MongoFailure("BadValue", "_id must not be an array");
  return { _id: _id === undefined ? new BSON.ObjectId() : _id, ...fields };
}
