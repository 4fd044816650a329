import { type Document, isDocument } from "./document.ts";
import { evaluate } from "./expression.ts";
import { MongoFailure, notImplemented } from "./failure.ts";
import { addNumbers, isNumeric } from "./numbers.ts";
import { compareValues } from "./order.ts";

const accumulators = new Map<string, (values: readonly unknown[]) => unknown>(
  Object.entries({
    $sum: values => sum(values),
    $avg: values => {
      const numbers = values.filter(isNumeric);
      return numbers.length === 0 ? null : Number(sum(numbers)) / numbers.length;
    },
    $min: values => extreme(values, 1),
    $max: values => extreme(values, -1),
    $first: values => values[0] ?? null,
    $last: values => values.at(-1) ?? null,
    $push: values => values.filter(value => value !== undefined),
  } satisfies Record<string, (values: readonly unknown[]) => unknown>),
);

/** Computes one field of a group, such as `{ $sum: "$amount" }`. */
export function accumulate(members: readonly Document[], field: unknown): unknown {
  const [name, ...others] = isDocument(field) ? Object.keys(field) : [];
  if (!isDocument(field) || name === undefined || others.length > 0) {
    throw new MongoFailure("FailedToParse", "A field of $group needs exactly one accumulator");
  }
  const accumulator = accumulators.get(name);
  if (accumulator === undefined) {
    throw notImplemented(`The accumulator '${name}'`);
  }
  return accumulator(members.map(member => evaluate(member, field[name])));
}

const sum = (values: readonly unknown[]): number | bigint =>
  values.filter(isNumeric).reduce<number | bigint>(addNumbers, 0);

const extreme = (values: readonly unknown[], direction: 1 | -1): unknown =>
  values.reduce<unknown>((best, value) => {
    if (value === undefined || value === null) {
      return best;
    }
    return best === null || compareValues(value, best) * direction < 0 ? value : best;
  }, null);
