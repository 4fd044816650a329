import { type Document, isDocument } from "./document.ts";
import { MongoFailure, notImplemented } from "./failure.ts";

type Tree = Map<string, Tree | true>;

/**
 * Compiles a projection that includes or excludes fields; undefined if it changes nothing. Throws MongoFailure for
 * expressions, positional paths and mixtures of both kinds.
 */
export function compileProjection(projection: Document): ((document: Document) => Document) | undefined {
  const entries = Object.entries(projection).map(([path, value]) => [path, isIncluded(path, value)] as const);
  const fields = entries.filter(([path]) => path !== "_id");
  if (new Set(fields.map(([, included]) => included)).size > 1) {
    throw new MongoFailure("BadValue", "A projection cannot both include and exclude fields");
  }
  const idIncluded = entries.find(([path]) => path === "_id")?.[1];
  const including = fields[0]?.[1] ?? idIncluded;
  if (including === undefined) {
    return undefined;
  }
  const paths = fields.map(([path]) => path);
  if (including) {
    if (idIncluded !== false) {
      paths.push("_id");
    }
    const tree = treeOf(paths);
    return document => include(document, tree);
  }
  if (idIncluded === true) {
    throw notImplemented("Including _id while excluding other fields");
  }
  if (idIncluded === false) {
    paths.push("_id");
  }
  const tree = treeOf(paths);
  return document => exclude(document, tree);
}

function isIncluded(path: string, value: unknown): boolean {
  if (path.split(".").some(step => step === "" || step.startsWith("$"))) {
    throw notImplemented(`Projecting '${path}'`);
  }
  if (typeof value === "boolean") {
    return value;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return Number(value) !== 0;
  }
  throw notImplemented(`An expression in the projection of '${path}'`);
}

function treeOf(paths: readonly string[]): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    const steps = path.split(".");
    const last = steps.pop() as string;
    let node = root;
    for (const step of steps) {
      const child = node.get(step) ?? new Map();
      if (child === true) {
        throw pathCollision(path);
      }
      node.set(step, child);
      node = child;
    }
    if (node.has(last)) {
      throw pathCollision(path);
    }
    node.set(last, true);
  }
  return root;
}

const pathCollision = (path: string): MongoFailure =>
  new MongoFailure("BadValue", `Path collision at ${path}`);

function include(document: Document, tree: Tree): Document {
  const result: Document = {};
  for (const [name, value] of Object.entries(document)) {
    const below = tree.get(name);
    const kept = below === undefined || below === true ? value : includeBelow(value, below);
    if (below !== undefined && kept !== undefined) {
      result[name] = kept;
    }
  }
  return result;
}

function includeBelow(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) {
    return value.map(item => includeBelow(item, tree)).filter(item => item !== undefined);
  }
  return isDocument(value) ? include(value, tree) : undefined;
}

function exclude(document: Document, tree: Tree): Document {
  const result: Document = {};
  for (const [name, value] of Object.entries(document)) {
    const below = tree.get(name);
    if (below !== true) {
      result[name] = below === undefined ? value : excludeBelow(value, below);
    }
  }
  return result;
}

function excludeBelow(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) {
    return value.map(item => excludeBelow(item, tree));
  }
  return isDocument(value) ? exclude(value, tree) : value;
}
