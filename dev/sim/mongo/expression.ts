import { assertSupportedValues, type Document, isDocument } from "./document.ts";
import { notImplemented } from "./failure.ts";

/** The path of a `"$path"` expression; undefined for other values. */
export function pathOf(expression: unknown): string | undefined {
  if (typeof expression !== "string" || !expression.startsWith("$")) {
    return undefined;
  }
  if (expression.startsWith("$$")) {
    throw notImplemented(`The variable '${expression}'`);
  }
  return expression.slice(1);
}

/** Evaluates a field path, a constant, or a document of those. Throws MongoFailure for operators and variables. */
export function evaluate(document: Document, expression: unknown): unknown {
  const path = pathOf(expression);
  if (path !== undefined) {
    return fieldAt(document, path.split("."));
  }
  if (Array.isArray(expression)) {
    return expression.map(item => evaluate(document, item) ?? null);
  }
  if (!isDocument(expression)) {
    assertSupportedValues(expression);
    return expression;
  }
  return Object.fromEntries(
    Object.entries(expression).map(([name, item]) => {
      if (name.startsWith("$")) {
        throw notImplemented(`The expression operator '${name}'`);
      }
      return [name, evaluate(document, item)];
    }),
  );
}

function fieldAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(item => fieldAt(item, [step, ...rest])).filter(item => item !== undefined);
  }
  return isDocument(value) && Object.hasOwn(value, step) ? fieldAt(value[step], rest) : undefined;
}
