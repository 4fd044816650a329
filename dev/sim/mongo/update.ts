import { BSON } from "bson";
import { assertSupportedValues, type Document, isDocument } from "./document.ts";
import { MongoFailure, notImplemented } from "./failure.ts";
import { equalities, hasOperators } from "./filter.ts";
import { equalValues } from "./order.ts";
import { assertUpdatablePath, setValueAt, valueAt } from "./path.ts";
import { type Operator, operators } from "./update-operators.ts";

/** Changes a copy of the old document; `inserting` is true for the insert of an upsert. */
type Update = (document: Document, inserting: boolean) => Document;

/**
 * Compiles a replacement or a set of update operators. Throws MongoFailure for pipelines, positional paths and other
 * operators.
 */
export function compileUpdate(update: unknown): Update {
  if (Array.isArray(update)) {
    throw notImplemented("An update by a pipeline");
  }
  if (!isDocument(update)) {
    throw new MongoFailure("FailedToParse", "An update must be a document");
  }
  assertSupportedValues(update);
  const names = Object.keys(update);
  if (!names.some(name => name.startsWith("$"))) {
    return document => replaceFields(document, update);
  }
  const steps = names.flatMap(name => compileOperator(name, update[name]));
  steps.sort((left, right) => (left.path < right.path ? -1 : Number(left.path > right.path)));
  assertNoConflict(steps.map(({ path }) => path));
  return (document, inserting) => {
    const before = { _id: document._id };
    for (const { path, operator, operand, onlyOnInsert } of steps) {
      if (onlyOnInsert && !inserting) {
        continue;
      }
      const current = valueAt(document, path);
      const next = operator(current, operand, path);
      if (next !== current) {
        setValueAt(document, path, next);
      }
    }
    return withSameId(before, document);
  };
}

export const isReplacement = (update: unknown): boolean =>
  isDocument(update) && !Object.keys(update).some(name => name.startsWith("$"));

/** The document that an upsert inserts if nothing matches its filter. */
export function upsertedDocument(filter: Document, update: Update, replacing: boolean): Document {
  const start: Document = {};
  for (const [path, criterion] of Object.entries(filter)) {
    // MongoDB does not document whether $in with one value counts as an equality here.
    if (hasOperators(criterion) && Array.isArray(criterion.$in) && criterion.$in.length === 1) {
      throw notImplemented(`An upsert with a one-value $in on '${path}'`);
    }
  }
  for (const [path, value] of equalities(filter)) {
    if (replacing && path !== "_id") {
      continue;
    }
    assertUpdatablePath(path);
    setValueAt(start, path, value);
  }
  const { _id, ...fields } = update(start, true);
  return { _id: _id ?? new BSON.ObjectId(), ...fields };
}

type Step = { path: string; operator: Operator; operand: unknown; onlyOnInsert: boolean };

function compileOperator(name: string, operands: unknown): Step[] {
  const operator = operators.get(name);
  if (operator === undefined) {
    throw notImplemented(`The update operator '${name}'`);
  }
  if (!isDocument(operands)) {
    throw new MongoFailure("FailedToParse", `'${name}' needs a document`);
  }
  return Object.entries(operands).map(([path, operand]) => {
    assertUpdatablePath(path);
    return { path, operator, operand, onlyOnInsert: name === "$setOnInsert" };
  });
}

function assertNoConflict(paths: readonly string[]): void {
  const seen = new Set(paths);
  const conflict =
    seen.size < paths.length ? paths.find((path, at) => paths.indexOf(path) !== at) : undefined;
  const nested = paths.find(path => prefixes(path).some(prefix => seen.has(prefix)));
  const path = conflict ?? nested;
  if (path === undefined) {
    return;
  }
  throw new MongoFailure(
    "ConflictingUpdateOperators",
    `Updating the path '${path}' would create a conflict at '${path}'`,
  );
}

function prefixes(path: string): string[] {
  const steps = path.split(".");
  return steps.slice(1).map((_, at) => steps.slice(0, at + 1).join("."));
}

const replaceFields = (document: Document, replacement: Document): Document =>
  withSameId(document, { ...(document._id === undefined ? {} : { _id: document._id }), ...replacement });

function withSameId(before: Document, after: Document): Document {
  if (before._id !== undefined && !equalValues(before._id, after._id)) {
    throw new MongoFailure("ImmutableField", "The update would change the immutable field '_id'");
  }
  return after;
}
