import { runCommand, untilInterrupted, withoutArguments } from "./command-line.ts";
import { type Databases, databaseConfig, openDatabases } from "./databases.ts";
import { commandEnvironment } from "./environment.ts";
import { rebuild } from "./statistics/counter.ts";
import { ratingCounters } from "./statistics/ratings.ts";
import { salesCounters } from "./statistics/sales.ts";
import { subscriberCounter } from "./statistics/subscribers.ts";

const services = ["review", "question", "creator", "subscribe", "pay"];

const usage = `npm run rebuild-statistics

Compares what questions and creators count with its sources, ratings with reviews, sales with purchases, subscribers
with subscriptions, and corrects what differs: after a database was restored to an earlier point, or when
verify-invariants finds I6 violated. The services may serve meanwhile. May be interrupted and repeated.
Exits with 0 when everything was compared, 1 when not, 2 when called wrongly.
Reads the <SERVICE>_DATABASE_URL of ${services.join(", ")}; without them it uses the local stack that is running.
`;

const commandConfig = { databases: databaseConfig(services) };

/**
 * Corrects the statistics that services keep from events, those of the services that are open. Yields one line per
 * thing that it corrected.
 */
export async function* rebuildStatistics(databases: Databases): AsyncIterable<string> {
  const isOpen = ({ source, counted }: Record<"source" | "counted", { readonly service: string }>) =>
    [source, counted].every(({ service }) => databases.services.includes(service));
  for (const counter of ratingCounters.filter(isOpen)) {
    yield* rebuild(databases, counter);
  }
  if (isOpen(subscriberCounter)) {
    yield* rebuild(databases, subscriberCounter);
  }
  for (const counter of salesCounters.filter(isOpen)) {
    yield* rebuild(databases, counter);
  }
}

async function main(): Promise<number> {
  const databases = openDatabases(await commandEnvironment(commandConfig), services);
  const interrupted = untilInterrupted();
  let corrected = 0;
  try {
    for await (const line of rebuildStatistics(databases)) {
      corrected += 1;
      process.stdout.write(`${line}\n`);
      if (interrupted.aborted) {
        break;
      }
    }
  } finally {
    await databases.close();
  }
  process.stdout.write(`${interrupted.aborted ? "interrupted" : "complete"}: ${corrected} corrected\n`);
  return interrupted.aborted ? 1 : 0;
}

if (import.meta.main) {
  await runCommand("rebuild-statistics", () => withoutArguments(usage, main));
}
