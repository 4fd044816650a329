import { isDeepStrictEqual } from "node:util";
import type { Database } from "#kit/data/database.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { config as payConfig } from "#services/pay/config.ts";
import {
  type HistoryDocuments,
  openHistoryDocuments,
  readPurchaseStates,
  rebuildHistory,
} from "#services/pay/invariants.ts";
import type { Join } from "./join.ts";

/** The purchase history equals what a rebuild would write. */
export const historyJoin: Join = {
  name: "I7 purchase history",
  services: ["pay"],
  config: payConfig.mongo,
  async *check({ databases, env }, { graceSeconds }) {
    const pay = databases.of("pay");
    const documents = await openHistoryDocuments(readConfig(env, payConfig.mongo).uri);
    try {
      yield* compareRebuilt(pay, documents, graceSeconds);
      yield* findOrphans(pay, documents);
    } finally {
      await documents.close();
    }
  },
};

async function* compareRebuilt(
  pay: Database,
  documents: HistoryDocuments,
  graceSeconds: number,
): AsyncIterable<string> {
  for await (const page of rebuildHistory(pay)) {
    const stored = await documents.find(page.map(({ document }) => document._id));
    for (const { document, payTime } of page) {
      const found = stored.get(document._id);
      if (found === undefined) {
        const isYoung = Date.now() - payTime.getTime() < graceSeconds * 1000;
        yield* isYoung ? [] : [`${document._id} is missing`];
      } else if (!isDeepStrictEqual({ ...found }, { ...document })) {
        yield `${document._id} differs from the one rebuilt`;
      }
    }
  }
}

async function* findOrphans(pay: Database, documents: HistoryDocuments): AsyncIterable<string> {
  for await (const ids of documents.readIds()) {
    const states = ids.length === 0 ? new Map() : await readPurchaseStates(pay, ids);
    for (const id of ids.filter(each => states.get(each) !== "PAID")) {
      yield `${id} is in the history and is no paid purchase`;
    }
  }
}
