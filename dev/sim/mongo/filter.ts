import { assertSupportedValues, type Document, isDocument } from "./document.ts";
import { MongoFailure, notImplemented } from "./failure.ts";
import { compareValues, equalValues, keyOf, typeRank } from "./order.ts";
import { comparedValuesAt, valuesAt } from "./path.ts";

type Test = (document: Document) => boolean;

const operators = new Map<string, (path: string, operand: unknown) => Test>([
  ["$eq", (path, operand) => matches(path, value => equalValues(value, operand))],
  ["$ne", (path, operand) => differs(path, value => equalValues(value, operand))],
  ["$in", (path, operand) => matches(path, isOneOf(operand))],
  ["$nin", (path, operand) => differs(path, isOneOf(operand))],
  ["$gt", (path, operand) => compares(path, operand, difference => difference > 0)],
  ["$gte", (path, operand) => compares(path, operand, difference => difference >= 0)],
  ["$lt", (path, operand) => compares(path, operand, difference => difference < 0)],
  ["$lte", (path, operand) => compares(path, operand, difference => difference <= 0)],
  ["$exists", (path, operand) => exists(path, Boolean(operand))],
  ["$size", (path, operand) => sized(path, operand)],
  ["$elemMatch", (path, operand) => hasElement(path, operand)],
  ["$not", (path, operand) => negated(path, operand)],
]);

const logical = new Map<string, (branches: readonly Test[]) => Test>([
  ["$and", branches => document => branches.every(test => test(document))],
  ["$or", branches => document => branches.some(test => test(document))],
  ["$nor", branches => document => !branches.some(test => test(document))],
]);

/**
 * Compiles a filter to a test of one document. Throws MongoFailure for operators and values that are not implemented.
 */
export function compileFilter(filter: Document): Test {
  assertSupportedValues(filter);
  const tests = Object.entries(filter).map(([name, criterion]) =>
    name.startsWith("$") ? compileLogical(name, criterion) : compileCriterion(name, criterion),
  );
  return document => tests.every(test => test(document));
}

function compileLogical(name: string, criteria: unknown): Test {
  const combine = logical.get(name);
  if (combine === undefined) {
    throw notImplemented(`The filter operator '${name}'`);
  }
  if (!Array.isArray(criteria) || criteria.length === 0 || !criteria.every(isDocument)) {
    throw new MongoFailure("BadValue", `${name} needs a non-empty array of documents`);
  }
  return combine(criteria.map(compileFilter));
}

function compileCriterion(path: string, criterion: unknown): Test {
  if (!hasOperators(criterion)) {
    return matches(path, value => equalValues(value, criterion));
  }
  const tests = Object.entries(criterion).map(([name, operand]) => {
    const operator = operators.get(name);
    if (operator === undefined) {
      throw notImplemented(`The filter operator '${name}'`);
    }
    return operator(path, operand);
  });
  return document => tests.every(test => test(document));
}

function negated(path: string, operand: unknown): Test {
  if (!hasOperators(operand)) {
    throw new MongoFailure("BadValue", "$not needs operators");
  }
  const test = compileCriterion(path, operand);
  return document => !test(document);
}

const matches =
  (path: string, test: (value: unknown) => boolean): Test =>
  document =>
    comparedValuesAt(document, path).some(test);

const differs = (path: string, test: (value: unknown) => boolean): Test => {
  const match = matches(path, test);
  return document => !match(document);
};

function isOneOf(operand: unknown): (value: unknown) => boolean {
  if (!Array.isArray(operand)) {
    throw new MongoFailure("BadValue", "$in needs an array");
  }
  const keys = new Set(operand.map(keyOf));
  return value => keys.has(keyOf(value));
}

function compares(path: string, operand: unknown, accepts: (difference: number) => boolean): Test {
  const rank = typeRank(operand);
  if (Number.isNaN(operand)) {
    throw notImplemented("A range with NaN");
  }
  return matches(
    path,
    value => typeRank(value) === rank && !Number.isNaN(value) && accepts(compareValues(value, operand)),
  );
}

function exists(path: string, wanted: boolean): Test {
  return document => valuesAt(document, path).some(value => value !== undefined) === wanted;
}

function sized(path: string, operand: unknown): Test {
  const size = Number(operand);
  if (!Number.isInteger(size) || size < 0) {
    throw new MongoFailure("BadValue", "$size needs a whole number");
  }
  return document => valuesAt(document, path).some(value => Array.isArray(value) && value.length === size);
}

function hasElement(path: string, operand: unknown): Test {
  if (!isDocument(operand)) {
    throw new MongoFailure("BadValue", "$elemMatch needs a document");
  }
  const test = compileElementTest(operand);
  return document => valuesAt(document, path).some(value => Array.isArray(value) && value.some(test));
}

/** A test of one array element: operators on the element, or a filter on its fields. */
export function compileElementTest(criteria: Document): (element: unknown) => boolean {
  const names = Object.keys(criteria);
  if (names.length > 0 && names.every(name => name.startsWith("$") && !logical.has(name))) {
    const test = compileCriterion("element", criteria);
    return element => test({ element });
  }
  const test = compileFilter(criteria);
  return element => isDocument(element) && test(element);
}

/**
 * The paths that a filter compares with one value, and the values: the start of an upsert, and what an index can look
 * up.
 */
export function equalities(filter: Document): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, criterion] of Object.entries(filter)) {
    const branches = Array.isArray(criterion) ? criterion : [];
    if (name === "$and" || (name === "$or" && branches.length === 1)) {
      for (const branch of branches) {
        for (const [path, value] of equalities(branch)) {
          found.set(path, value);
        }
      }
    } else if (!name.startsWith("$")) {
      if (!hasOperators(criterion)) {
        found.set(name, criterion);
      } else if (Object.hasOwn(criterion, "$eq")) {
        found.set(name, criterion.$eq);
      }
    }
  }
  return found;
}

/** True if an entry of a filter is a set of operators, false if it is a value to compare with. */
export function hasOperators(criterion: unknown): criterion is Document {
  return isDocument(criterion) && Object.keys(criterion).some(name => name.startsWith("$"));
}
