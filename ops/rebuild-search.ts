import { rebuildListings } from "#services/question/invariants.ts";
import { runCommand, withoutArguments } from "./command-line.ts";
import { databaseConfig, openDatabases } from "./databases.ts";
import { commandEnvironment } from "./environment.ts";

const usage = `npm run rebuild-search

Lists all questions on sale in the store again, with the terms by which they are searched; after a restore, or after a
change of how text is searched. The service may serve and sell meanwhile. May be interrupted and repeated.
Exits with 0 when all questions are listed, 1 when not, 2 when called wrongly.
Reads QUESTION_DATABASE_URL; without it, it uses the local stack that is running.
`;

async function main(): Promise<number> {
  const databases = openDatabases(await commandEnvironment(databaseConfig(["question"])), ["question"]);
  try {
    for await (const seen of rebuildListings(databases.of("question"))) {
      process.stderr.write(`${seen} questions seen\n`);
    }
    process.stdout.write("complete\n");
    return 0;
  } finally {
    await databases.close();
  }
}

if (import.meta.main) {
  await runCommand("rebuild-search", () => withoutArguments(usage, main));
}
