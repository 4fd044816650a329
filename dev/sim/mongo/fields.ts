import { type Document, isDocument } from "./document.ts";
import { MongoFailure } from "./failure.ts";

const mismatch = (name: string, wanted: string): MongoFailure =>
  new MongoFailure("TypeMismatch", `The field '${name}' must be ${wanted}`);

export function stringField(body: Document, name: string): string {
  const value = body[name];
  if (typeof value !== "string" || value === "") {
    throw mismatch(name, "a text");
  }
  return value;
}

/** The document in a field; empty if the field is missing. */
export function documentField(body: Document, name: string): Document {
  const value = body[name] ?? {};
  if (!isDocument(value)) {
    throw mismatch(name, "a document");
  }
  return value;
}

export function documentsField(body: Document, name: string): Document[] {
  const value = body[name];
  if (!Array.isArray(value) || !value.every(isDocument)) {
    throw mismatch(name, "an array of documents");
  }
  return value;
}

/** A whole number of at least 0; `fallback` if the field is missing. */
export function countField(body: Document, name: string, fallback: number): number {
  if (body[name] === undefined) {
    return fallback;
  }
  const value = Number(body[name]);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw mismatch(name, "a whole number of at least 0");
  }
  return value;
}

export function flagField(body: Document, name: string, fallback = false): boolean {
  const value = body[name] ?? fallback;
  if (typeof value === "boolean") {
    return value;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return Number(value) !== 0;
  }
  throw mismatch(name, "a boolean");
}

/** Throws MongoFailure UnknownField for a field that this server does not know or implement. */
export function assertFields(body: Document, known: ReadonlySet<string>, where: string): void {
  for (const name of Object.keys(body)) {
    if (!known.has(name)) {
      throw new MongoFailure("UnknownField", `The field '${where}.${name}' is unknown or not implemented`);
    }
  }
}
