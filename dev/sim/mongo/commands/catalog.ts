import { encode } from "../document.ts";
import { MongoFailure } from "../failure.ts";
import { assertFields, countField, documentField, flagField } from "../fields.ts";
import { compileFilter } from "../filter.ts";
import { type Command, namespaceOf } from "./command.ts";

export const listCollections: Command = {
  fields: ["filter", "nameOnly", "authorizedCollections", "cursor"],
  run: ({ body, database, collections, cursors }) => {
    const test = compileFilter(documentField(body, "filter"));
    const nameOnly = flagField(body, "nameOnly");
    const results = collections
      .list(database)
      .map(({ namespace }) => ({ name: namespace.slice(database.length + 1), type: "collection" }))
      .map(names => (nameOnly ? names : { ...names, options: {}, info: { readOnly: false } }))
      .filter(test);
    const cursor = documentField(body, "cursor");
    assertFields(cursor, new Set(["batchSize"]), "listCollections.cursor");
    const batchSize = countField(cursor, "batchSize", results.length + 1);
    return cursors.open(`${database}.$cmd.listCollections`, results.map(encode), { batchSize, single: true });
  },
};

export const create: Command = {
  fields: [],
  run: async request => {
    const namespace = namespaceOf(request);
    if (request.collections.get(namespace) !== undefined) {
      throw new MongoFailure("NamespaceExists", `Collection ${namespace} already exists.`);
    }
    request.collections.ensure(namespace);
    await request.collections.synced();
    return {};
  },
};

export const drop: Command = {
  fields: [],
  run: async request => {
    const namespace = namespaceOf(request);
    const indexCount = request.collections.get(namespace)?.indexes.size;
    if (!request.collections.drop(namespace)) {
      return {};
    }
    await request.collections.synced();
    return { nIndexesWas: indexCount, ns: namespace };
  },
};

export const dropDatabase: Command = {
  fields: [],
  run: async ({ database, collections }) => {
    for (const { namespace } of collections.list(database)) {
      collections.drop(namespace);
    }
    await collections.synced();
    return { dropped: database };
  },
};
