import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runCommand, withoutArguments } from "#ops/command-line.ts";
import { verifyInvariants } from "#ops/verify-invariants.ts";
import { waitUntilIdle } from "#test/support/stack/wait-until-idle.ts";
import { silentNarrator } from "../demo/narrator.ts";
import { becomeCreator, publishQuestions } from "../demo/selling.ts";
import { signUp } from "../demo/signing-up.ts";
import { openStage } from "../demo/stage.ts";
import { root } from "../stack/root.ts";
import { findBinary } from "../stack/servers/binary.ts";
import { findDebianProgram } from "../stack/servers/debian-program.ts";
import { claimTemporaryDirectory } from "../stack/servers/directory.ts";
import { connectAdmin } from "../stack/servers/mariadb-schemas.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { dumpSchema, type Server } from "./dump.ts";
import { type Load, startLoad } from "./load.ts";
import { dumpOrder, reconcile, restoreStores } from "./restore.ts";

const usage = `npm run restore-drill

Starts a stack of its own, sells questions on it, dumps its databases one after the other meanwhile, sells on, kills
the services, restores every database, replays events, rebuilds what is derived, and verifies the invariants. Prints
a report. Touches no other stack.
Exits with 0 when all invariants hold at the end, 1 when one is violated or a step failed, 2 when called wrongly.
`;

const startMs = Date.now();

function report(line: string): void {
  process.stdout.write(`${((Date.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

// Before the first dump, between two, and after the last.
const loadMs = 2000;
const betweenDumpsMs = 100;

async function main(): Promise<number> {
  const dumpProgram = await findDebianProgram({
    debianPackage: "mariadb-client",
    program: "mariadb-dump",
    log: report,
  });
  const loadProgram = findBinary(["mariadb", "mysql"]);
  if (dumpProgram === undefined || loadProgram === undefined) {
    throw new Error("mariadb-dump and mariadb are needed (on Debian: sudo apt-get install mariadb-client)");
  }
  const run = await claimTemporaryDirectory(join(root, ".data"), "drill");
  const log = () => {};
  const env = { POINT_COMPARE_POLL_MS: "500", POINT_COMPARE_RETRY_MS: "500" };
  const options = { dir: run.dir, portBase: 23_000, log, processes: false, keepQueues: false, env };
  let stack: Stack | undefined;
  try {
    stack = await startStack(options);
    report("a stack is up");
    return await drill(stack, { dumpProgram, loadProgram, adminUrl: stack.mariadb.url });
  } finally {
    await stack?.stop();
    await run.release();
  }
}

async function drill(stack: Stack, server: Server): Promise<number> {
  const from = new Date();
  const load = await sell(stack);
  await delay(loadMs);
  const before = { ...load.done };
  const files = await dumpAll(stack, server);
  const meanwhile = { ...load.done };
  load.spendAll();
  await delay(loadMs);
  await load.stop();
  const shown = ({ charges, purchases }: typeof before) => `${charges} charges and ${purchases} purchases`;
  report(
    `${shown(before)} until the first dump, ${shown(meanwhile)} until the last, ${shown(load.done)} in all`,
  );

  await stack.processes.get("all")?.kill("SIGKILL");
  report("the services are killed");
  const raised = await restoreStores(stack, server, files);
  report(`${files.size} databases are restored; ${raised} counters are raised; queues and Redis are empty`);
  await stack.processes.get("all")?.start();
  await waitUntilIdle(stack);
  report("before anything is reconciled:");
  await verify(stack);
  for (const line of await reconcile(stack, from)) {
    report(line);
  }
  await waitUntilIdle(stack);
  report(await compareToday(stack));
  return verify(stack);
}

async function sell(stack: Stack): Promise<Load> {
  const { gatewayUrl, mailUrl, pspUrl, identityUrl } = stack;
  if (gatewayUrl === undefined) {
    throw new Error("the drill needs the gateway, and Envoy is not available");
  }
  const admin = { email: "", password: "" };
  const addresses = { gatewayUrl, mailUrl, pspUrl, identityUrl };
  const stage = openStage({ ...addresses, protocol: "connect", admin, narrator: silentNarrator });
  const author = await signUp(stage, "김출제");
  await becomeCreator(stage, author);
  const shelf = await publishQuestions(stage, author);
  return startLoad(
    stage,
    shelf.map(({ questionId }) => questionId),
  );
}

async function dumpAll(stack: Stack, server: Server): Promise<ReadonlyMap<string, string>> {
  const dir = join(stack.dir, "backup");
  mkdirSync(dir);
  const files = new Map<string, string>();
  const beginMs = Date.now();
  for (const schema of dumpOrder()) {
    files.set(schema, await dumpSchema(server, schema, dir));
    await delay(betweenDumpsMs);
  }
  const bytes = [...files.values()].reduce((sum, file) => sum + statSync(file).size, 0);
  report(
    `${files.size} dumps, ${Math.round(bytes / 1024)} KiB, the last ${Date.now() - beginMs} ms after the first`,
  );
  return files;
}

/** Does today what the job that compares days does tomorrow: charges that were lost become discrepancies. */
async function compareToday({ mariadb }: Stack): Promise<string> {
  const sql = await connectAdmin(mariadb.url);
  try {
    await sql.query(
      `INSERT IGNORE INTO point.task (kind, id, due_time)
        VALUES ('compare-day', CONCAT('toss:', DATE(NOW() + INTERVAL 9 HOUR)), NOW(6))`,
    );
    const count = async (query: string) => Number((await sql.query(query))[0].n);
    while ((await count("SELECT COUNT(*) AS n FROM point.task WHERE kind = 'compare-day'")) > 0) {
      await delay(100);
    }
    const open = await count("SELECT COUNT(*) AS n FROM point.discrepancy WHERE resolve_time IS NULL");
    return `the PSP has ${open} payments that the restored ledger lacks; each is an open discrepancy`;
  } finally {
    await sql.end();
  }
}

async function verify({ env }: Stack): Promise<number> {
  const findings = await verifyInvariants(env, { graceSeconds: 0, pspDays: 2 });
  const violated = findings.filter(({ violations }) => violations.length > 0);
  for (const { name, violations } of violated) {
    report(`VIOLATED ${name}: ${violations.length}, the first: ${violations[0]}`);
  }
  report(`${findings.length - violated.length} of ${findings.length} invariants hold`);
  return violated.length === 0 ? 0 : 1;
}

await runCommand("restore-drill", () => withoutArguments(usage, main));
