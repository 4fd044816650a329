import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { runCommand } from "#ops/command-line.ts";
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
import { type Stack, startStack } from "../stack/stack.ts";
import { dumpSchemas, type Server } from "./dump.ts";
import { type Load, startLoad } from "./load.ts";
import { dumpOrder, reconcile, recover, redrive, restoreStores } from "./restore.ts";

const usage = `npm run restore-drill -- [--apart]

Starts a stack of its own, sells questions on it, dumps its databases meanwhile, sells on, kills the services, restores
every database, enters again what the PSP captured and the ledger forgot, replays events, rebuilds what is derived, and
verifies the invariants. Prints a report. Touches no other stack.
Exits with 0 when all invariants hold at the end, 1 when one is violated or a step failed, 2 when called wrongly.

  --apart  dumps one database after the other; otherwise all are dumped as they are at one instant
`;

const startMs = Date.now();

function report(line: string): void {
  process.stdout.write(`${((Date.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

function reportAll(lines: readonly string[]): void {
  for (const line of lines) {
    report(line);
  }
}

// Before the first dump, between two, and after the last.
const loadMs = 2000;
const betweenDumpsMs = 100;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      apart: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  return runDrill(values);
}

interface DrillOptions {
  /** True dumps one database after the other. */
  readonly apart: boolean;
}

async function runDrill(drillOptions: DrillOptions): Promise<number> {
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
  const options = { dir: run.dir, portBase: 23_000, log, processes: false, keepQueues: false };
  let stack: Stack | undefined;
  try {
    stack = await startStack(options);
    report("a stack is up");
    return await drill(stack, { dumpProgram, loadProgram, adminUrl: stack.mariadb.url }, drillOptions);
  } finally {
    await stack?.stop();
    await run.release();
  }
}

async function drill(stack: Stack, server: Server, { apart }: DrillOptions): Promise<number> {
  const from = new Date();
  const load = await sell(stack);
  await delay(loadMs);
  const before = { ...load.done };
  const services = dumpOrder();
  const files = await dumpAll(stack, server, apart ? services.map(service => [service]) : [services]);
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
  report(
    `${services.length} databases are restored; ${raised} counters are raised; queues and Redis are empty`,
  );
  reportAll(await recover(stack));
  await stack.processes.get("all")?.start();
  await waitUntilIdle(stack);
  report("before anything is reconciled:");
  await verify(stack);
  reportAll(await reconcile(stack, from));
  await waitUntilIdle(stack);
  reportAll(await redrive(stack));
  await waitUntilIdle(stack);
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

async function dumpAll(
  stack: Stack,
  server: Server,
  groups: readonly (readonly string[])[],
): Promise<readonly string[]> {
  const dir = join(stack.dir, "backup");
  mkdirSync(dir);
  const files: string[] = [];
  const beginMs = Date.now();
  for (const schemas of groups) {
    files.push(await dumpSchemas(server, schemas, dir));
    await delay(betweenDumpsMs);
  }
  const kibibytes = Math.round(files.reduce((sum, file) => sum + statSync(file).size, 0) / 1024);
  const how = files.length === 1 ? "at one instant" : "one after the other";
  report(
    `${groups.flat().length} databases are dumped ${how}, ${kibibytes} KiB in ${Date.now() - beginMs} ms`,
  );
  return files;
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

await runCommand("restore-drill", main);
