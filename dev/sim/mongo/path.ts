import { type Document, isDocument } from "./document.ts";
import { MongoFailure, notImplemented } from "./failure.ts";

const isIndex = (step: string): boolean => /^(0|[1-9]\d{0,5})$/.test(step);

/**
 * All values at a dotted path, also through array elements; undefined for a missing field. An array at the end of the
 * path is one value.
 */
export function valuesAt(document: Document, path: string): unknown[] {
  if (!path.includes(".")) {
    return [Object.hasOwn(document, path) ? document[path] : undefined];
  }
  const found: unknown[] = [];
  collect(document, path.split("."), 0, found);
  return found;
}

function collect(value: unknown, steps: readonly string[], depth: number, found: unknown[]): void {
  const step = steps[depth];
  if (step === undefined) {
    found.push(value);
  } else if (Array.isArray(value)) {
    if (isIndex(step) && Number(step) < value.length) {
      collect(value[Number(step)], steps, depth + 1, found);
    }
    for (const item of value) {
      if (isDocument(item)) {
        collect(item, steps, depth, found);
      }
    }
  } else if (isDocument(value) && Object.hasOwn(value, step)) {
    collect(value[step], steps, depth + 1, found);
  } else {
    found.push(undefined);
  }
}

/** The values that a comparison uses: those at the path and the elements of arrays among them. */
export function comparedValuesAt(document: Document, path: string): unknown[] {
  const values = valuesAt(document, path);
  return values.some(Array.isArray)
    ? values.flatMap(value => (Array.isArray(value) ? [value, ...value] : [value]))
    : values;
}

/** The values that an index stores: of an array, each element. */
export function indexedValuesAt(document: Document, path: string): unknown[] {
  return valuesAt(document, path).flatMap(value =>
    Array.isArray(value) && value.length > 0 ? value : [value],
  );
}

/** The value at a path of an update, where numbers are positions in arrays. */
export function valueAt(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const step of path.split(".")) {
    if (Array.isArray(value)) {
      value = isIndex(step) ? value[Number(step)] : undefined;
    } else if (isDocument(value) && Object.hasOwn(value, step)) {
      value = value[step];
    } else {
      return undefined;
    }
  }
  return value;
}

/** Sets the value at a path and creates missing documents on the way; undefined removes the field. */
export function setValueAt(document: Document, path: string, value: unknown): void {
  const steps = path.split(".");
  const last = steps.pop() as string;
  let parent: Document | unknown[] = document;
  for (const step of steps) {
    const child = valueAt(parent as Document, step);
    if (child === undefined && value === undefined) {
      return;
    }
    const next: unknown = child === undefined ? {} : child;
    if (!isDocument(next) && !Array.isArray(next)) {
      if (value === undefined) {
        return;
      }
      throw new MongoFailure(
        "PathNotViable",
        `Cannot create field '${last}' below '${step}' in path '${path}'`,
      );
    }
    if (child === undefined) {
      setChild(parent, step, next, path);
    }
    parent = next;
  }
  setChild(parent, last, value, path);
}

function setChild(parent: Document | unknown[], step: string, value: unknown, path: string): void {
  if (!Array.isArray(parent)) {
    if (value === undefined) {
      delete parent[step];
    } else {
      Object.defineProperty(parent, step, { value, writable: true, enumerable: true, configurable: true });
    }
    return;
  }
  if (!isIndex(step)) {
    if (value === undefined) {
      return;
    }
    throw new MongoFailure("PathNotViable", `Cannot create field '${step}' in an array, in path '${path}'`);
  }
  const position = Number(step);
  if (value === undefined && position >= parent.length) {
    return;
  }
  while (parent.length < position) {
    parent.push(null);
  }
  parent[position] = value === undefined ? null : value;
}

/** Throws MongoFailure for paths that are empty, positional or start with `$`. */
export function assertUpdatablePath(path: string): void {
  for (const step of path.split(".")) {
    if (step === "") {
      throw new MongoFailure("FailedToParse", `The path '${path}' has an empty field name`);
    }
    if (step.startsWith("$")) {
      throw notImplemented(`The positional or $-prefixed path '${path}'`);
    }
  }
}
