import { isDocument } from "./document.ts";
import { MongoFailure, notImplemented } from "./failure.ts";
import { compileElementTest, hasOperators } from "./filter.ts";
import { addNumbers, isNumeric, multiplyNumbers } from "./numbers.ts";
import { compareValues, equalValues } from "./order.ts";

/** Computes the new value at a path; undefined means a missing field, before and after. */
export type Operator = (current: unknown, operand: unknown, path: string) => unknown;

/** The update operators that are implemented. */
export const operators = new Map<string, Operator>(
  Object.entries({
    $set: (_, operand) => operand,
    $setOnInsert: (_, operand) => operand,
    $unset: () => undefined,
    $inc: (current, operand, path) => calculate(current, operand, path, addNumbers),
    $mul: (current, operand, path) => calculate(current, operand, path, multiplyNumbers),
    $min: (current, operand) =>
      current === undefined || compareValues(operand, current) < 0 ? operand : current,
    $max: (current, operand) =>
      current === undefined || compareValues(operand, current) > 0 ? operand : current,
    $currentDate: (_, operand) => currentDate(operand),
    $push: (current, operand, path) => [...arrayAt(current, path), ...added(operand)],
    $addToSet: (current, operand, path) => addToSet(arrayAt(current, path), added(operand)),
    $pull: (current, operand, path) =>
      current === undefined ? current : pull(arrayAt(current, path), operand),
    $pop: (current, operand, path) =>
      current === undefined ? current : pop(arrayAt(current, path), operand),
  } satisfies Record<string, Operator>),
);

function calculate(current: unknown, operand: unknown, path: string, combine: typeof addNumbers): unknown {
  const start = current === undefined ? (typeof operand === "bigint" ? 0n : 0) : current;
  if (!isNumeric(start) || !isNumeric(operand)) {
    throw new MongoFailure("TypeMismatch", `Arithmetic on '${path}' needs numbers on both sides`);
  }
  return combine(start, operand);
}

function currentDate(operand: unknown): Date {
  if (operand === true || (isDocument(operand) && operand.$type === "date")) {
    return new Date();
  }
  throw notImplemented("$currentDate with another type than date");
}

function arrayAt(current: unknown, path: string): readonly unknown[] {
  if (current === undefined) {
    return [];
  }
  if (Array.isArray(current)) {
    return current;
  }
  throw new MongoFailure("BadValue", `The field '${path}' must be an array`);
}

function added(operand: unknown): unknown[] {
  if (!hasOperators(operand)) {
    return [operand];
  }
  const { $each, ...others } = operand;
  if (Object.keys(others).length > 0) {
    throw notImplemented(`The modifier ${Object.keys(others)[0]}`);
  }
  if (!Array.isArray($each)) {
    throw new MongoFailure("BadValue", "$each needs an array");
  }
  return $each;
}

function addToSet(items: readonly unknown[], additions: readonly unknown[]): unknown[] {
  const result = [...items];
  for (const addition of additions) {
    if (!result.some(item => equalValues(item, addition))) {
      result.push(addition);
    }
  }
  return result;
}

function pull(items: readonly unknown[], operand: unknown): unknown[] {
  const test = isDocument(operand)
    ? compileElementTest(operand)
    : (item: unknown) => equalValues(item, operand);
  return items.filter(item => !test(item));
}

function pop(items: readonly unknown[], operand: unknown): unknown[] {
  const end = Number(operand);
  if (end === 1) {
    return items.slice(0, -1);
  }
  if (end === -1) {
    return items.slice(1);
  }
  throw new MongoFailure("FailedToParse", "$pop needs 1 or -1");
}
