import { accumulate } from "./accumulators.ts";
import type { Collection } from "./collection.ts";
import { type Document, isDocument } from "./document.ts";
import { evaluate, pathOf } from "./expression.ts";
import { MongoFailure, notImplemented } from "./failure.ts";
import { compileFilter } from "./filter.ts";
import { keyOf } from "./order.ts";
import { compileProjection } from "./projection.ts";
import { parseSort, sortDocuments } from "./sort.ts";

type Stage = (documents: readonly Document[], specification: unknown) => readonly Document[];

const stages = new Map<string, Stage>(
  Object.entries({
    $match: (documents, specification) =>
      documents.filter(compileFilter(asDocument("$match", specification))),
    $sort: (documents, specification) =>
      sortDocuments(documents, parseSort(asDocument("$sort", specification)), document => document),
    $skip: (documents, specification) => documents.slice(asCount("$skip", specification)),
    $limit: (documents, specification) => documents.slice(0, asCount("$limit", specification, 1)),
    $count: (documents, specification) =>
      documents.length === 0 ? [] : [{ [fieldName("$count", specification)]: documents.length }],
    $project: (documents, specification) => {
      const project = compileProjection(asDocument("$project", specification));
      return project === undefined ? documents : documents.map(project);
    },
    $unwind: (documents, specification) => documents.flatMap(document => unwind(document, specification)),
    $group: (documents, specification) => group(documents, asDocument("$group", specification)),
  } satisfies Record<string, Stage>),
);

/**
 * Runs a pipeline; a leading $match uses the indexes. Throws MongoFailure for stages and expressions that are not
 * implemented.
 */
export function aggregate(
  collection: Collection | undefined,
  pipeline: readonly Document[],
): readonly Document[] {
  const steps = pipeline.map(stageOf);
  const first = pipeline[0]?.$match;
  const filter = isDocument(first) ? first : {};
  let documents: readonly Document[] = (collection?.find({ filter }) ?? []).map(({ document }) => document);
  for (const [stage, specification] of steps) {
    documents = stage(documents, specification);
  }
  return documents;
}

function stageOf(document: Document): readonly [Stage, unknown] {
  const [name, ...others] = Object.keys(document);
  if (name === undefined || others.length > 0) {
    throw new MongoFailure("FailedToParse", "A pipeline stage must have exactly one field");
  }
  const stage = stages.get(name);
  if (stage === undefined) {
    throw notImplemented(`The pipeline stage '${name}'`);
  }
  return [stage, document[name]];
}

function unwind(document: Document, specification: unknown): Document[] {
  const path = pathOf(specification);
  if (path === undefined || path.includes(".")) {
    throw notImplemented("$unwind of anything but a field of the top level");
  }
  const value = document[path];
  if (value === undefined || value === null) {
    return [];
  }
  return Array.isArray(value) ? value.map(item => ({ ...document, [path]: item })) : [document];
}

function group(documents: readonly Document[], { _id, ...fields }: Document): Document[] {
  if (_id === undefined) {
    throw new MongoFailure("FailedToParse", "$group needs an _id");
  }
  const groups = new Map<string, { id: unknown; members: Document[] }>();
  for (const document of documents) {
    const id = evaluate(document, _id) ?? null;
    const members = groups.get(keyOf(id))?.members;
    if (members === undefined) {
      groups.set(keyOf(id), { id, members: [document] });
    } else {
      members.push(document);
    }
  }
  return [...groups.values()].map(({ id, members }) => ({
    _id: id,
    ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, accumulate(members, field)])),
  }));
}

function asDocument(stage: string, specification: unknown): Document {
  if (isDocument(specification)) {
    return specification;
  }
  throw new MongoFailure("FailedToParse", `${stage} needs a document`);
}

function asCount(stage: string, specification: unknown, minimum = 0): number {
  const count = Number(specification);
  if (Number.isSafeInteger(count) && count >= minimum) {
    return count;
  }
  throw new MongoFailure("FailedToParse", `${stage} needs a whole number of at least ${minimum}`);
}

function fieldName(stage: string, specification: unknown): string {
  if (typeof specification === "string" && /^[^$.]+$/.test(specification)) {
    return specification;
  }
  throw new MongoFailure("FailedToParse", `${stage} needs the name of a field`);
}
