import { BSON } from "bson";
import { MongoFailure, notImplemented } from "./failure.ts";

export type Document = { [field: string]: unknown };

export const maxDocumentBytes = 16 * 1024 * 1024;

/** Decodes BSON with 64-bit integers as `bigint`, so that they are encoded as 64-bit integers again. */
export function decode(bytes: Uint8Array): Document {
  return BSON.deserialize(bytes, { useBigInt64: true, bsonRegExp: true });
}

export function encode(document: Document): Buffer {
  const bytes = BSON.serialize(document, { ignoreUndefined: true });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws MongoFailure BSONObjectTooLarge above 16 MiB. */
export function encodeStored(document: Document): Buffer {
  const raw = encode(document);
  if (raw.length > maxDocumentBytes) {
    throw new MongoFailure(
      "BSONObjectTooLarge",
      `Document of ${raw.length} bytes exceeds ${maxDocumentBytes}`,
    );
  }
  return raw;
}

export function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

const comparableTypes = new Set(["ObjectId", "UUID"]);

/** The BSON class of a value that is not a plain JavaScript value; UUIDs differ from other binaries. */
function bsonType(value: object): string | undefined {
  if (!("_bsontype" in value) || typeof value._bsontype !== "string") {
    return undefined;
  }
  return value instanceof BSON.UUID ? "UUID" : value._bsontype;
}

/**
 * Refuses types whose order and arithmetic are not implemented, such as Decimal128 and regular expressions, so that
 * no comparison is wrong.
 */
export function assertSupportedValues(value: unknown, field = "value"): void {
  if (typeof value !== "object" || value === null || value instanceof Date) {
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      assertSupportedValues(item, field);
    }
    return;
  }
  const type = bsonType(value);
  if (type === undefined) {
    for (const [name, item] of Object.entries(value)) {
      assertSupportedValues(item, name);
    }
    return;
  }
  if (!comparableTypes.has(type)) {
    throw notImplemented(`BSON type ${type} (in '${field}')`);
  }
}
