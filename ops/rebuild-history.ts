import { readConfig } from "#kit/process/read-config.ts";
import { config as payConfig } from "#services/pay/config.ts";
import { migrateHistory } from "#services/pay/db/history.ts";
import { openHistoryDocuments, readPurchaseStates, rebuildHistory } from "#services/pay/invariants.ts";
import { runCommand, untilInterrupted, withoutArguments } from "./command-line.ts";
import { databaseConfig, openDatabases } from "./databases.ts";
import { commandEnvironment } from "./environment.ts";

const usage = `npm run rebuild-history

Writes the purchase history in MongoDB again from the purchases in MariaDB, with its index, and removes what is no paid
purchase; after MongoDB has lost data or was restored. The service may serve and sell meanwhile, and shows purchases
from MariaDB where the history lacks them. May be interrupted and repeated.
Exits with 0 when the history is complete, 1 when not, 2 when called wrongly.
Reads PAY_DATABASE_URL and PAY_MONGODB_URI; without them it uses the local stack that is running.
`;

const commandConfig = { databases: databaseConfig(["pay"]), mongo: payConfig.mongo };

async function main(): Promise<number> {
  const env = await commandEnvironment(commandConfig);
  const { uri } = readConfig(env, commandConfig).mongo;
  const databases = openDatabases(env, ["pay"]);
  const interrupted = untilInterrupted();
  try {
    await migrateHistory(uri);
    const documents = await openHistoryDocuments(uri);
    try {
      const written = await writePaid(databases.of("pay"), documents, interrupted);
      const removed = await removeOrphans(databases.of("pay"), documents, interrupted);
      const end = interrupted.aborted ? "interrupted" : "complete";
      process.stdout.write(`${end}: ${written} purchases written, ${removed} others removed\n`);
      return interrupted.aborted ? 1 : 0;
    } finally {
      await documents.close();
    }
  } finally {
    await databases.close();
  }
}

type Pay = Parameters<typeof rebuildHistory>[0];
type Documents = Awaited<ReturnType<typeof openHistoryDocuments>>;

async function writePaid(pay: Pay, documents: Documents, signal: AbortSignal): Promise<number> {
  let written = 0;
  for await (const page of rebuildHistory(pay)) {
    if (signal.aborted) {
      break;
    }
    if (page.length > 0) {
      await documents.put(page.map(({ document }) => document));
      written += page.length;
      process.stderr.write(`${written} purchases written, the last ${page.at(-1)?.payTime.toISOString()}\n`);
    }
  }
  return written;
}

// A document that the service writes meanwhile is about a purchase that is paid before.
async function removeOrphans(pay: Pay, documents: Documents, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for await (const ids of documents.readIds()) {
    if (signal.aborted) {
      break;
    }
    const states = ids.length === 0 ? new Map() : await readPurchaseStates(pay, ids);
    const orphans = ids.filter(id => states.get(id) !== "PAID");
    if (orphans.length > 0) {
      await documents.remove(orphans);
      removed += orphans.length;
    }
  }
  return removed;
}

if (import.meta.main) {
  await runCommand("rebuild-history", () => withoutArguments(usage, main));
}
