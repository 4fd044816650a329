import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readArguments, UsageError } from "#ops/command-line.ts";
import { loadSampleData } from "./sample/load.ts";
import { observeStack } from "./stack/observe.ts";
import { stackPortCount } from "./stack/ports.ts";
import { createProgressLog } from "./stack/progress.ts";
import { root } from "./stack/root.ts";
import { stackFileOf, writeStackFile } from "./stack/running-stack.ts";
import { claimDirectory } from "./stack/servers/directory.ts";
import { highestPort, lowestPort } from "./stack/servers/ports.ts";
import { type Stack, startStack } from "./stack/stack.ts";
import { requireUsableVariables } from "./stack/variables.ts";

// The usage is in usage/start.txt, so that it can be shown before anything is installed.
const values = readArguments("start", () => {
  const { values } = parseArgs({
    options: {
      processes: { type: "boolean", default: false },
      empty: { type: "boolean", default: false },
      observe: { type: "boolean", default: false },
      "port-base": { type: "string", default: "20000" },
    },
  });
  requireUsableVariables(process.env);
  return { ...values, portBase: parsePortBase(values["port-base"]) };
});
const progress = createProgressLog();
const run = await claimDirectory(join(root, ".data"), "start");
let stack: Stack | undefined;
let observer: Awaited<ReturnType<typeof observeStack>>;
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => stop(0));
}

try {
  stack = await startStack({
    dir: run.dir,
    portBase: values.portBase,
    log: progress.log,
    processes: values.processes,
  });
  if (values.observe) {
    progress.log("Starting Prometheus, and the walk over the invariants");
    observer = await observeStack(stack, { log: progress.log, scrapeSeconds: 5, verifySeconds: 60 });
  }
  const sample = values.empty ? undefined : await loadSampleData(stack, progress.log);
  const { gatewayUrl, mailUrl, pspUrl, identityUrl, env } = stack;
  const users = [...(sample?.users ?? [])];
  writeStackFile(run.dir, {
    gatewayUrl,
    mailUrl,
    pspUrl,
    identityUrl,
    users,
    env,
    prometheusUrl: observer?.prometheusUrl,
  });
  progress.end();
  process.stdout.write(welcome(stack, users));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof Error && error.cause !== undefined) {
    process.stderr.write(`${String(error.cause)}\n`);
  }
  await stop(1);
}

function parsePortBase(text: string): number {
  const port = Number(text);
  const most = highestPort - stackPortCount;
  if (!Number.isInteger(port) || port < lowestPort || port > most) {
    throw new UsageError(`--port-base must be a whole number from ${lowestPort} to ${most}`);
  }
  return port;
}

async function stop(code: number): Promise<void> {
  if (stopping) {
    return;
  }
  stopping = true;
  progress.log("Stopping");
  rmSync(stackFileOf(run.dir), { force: true });
  await observer?.stop();
  await stack?.stop();
  await run.release();
  process.exit(code);
}

function observing(): string {
  if (!values.observe) {
    return "";
  }
  return observer === undefined
    ? "  Prometheus        none; install it (on Debian: sudo apt-get install prometheus), or have it on PATH\n"
    : `  Prometheus        ${observer.prometheusUrl}/  its alerts: ${observer.prometheusUrl}/alerts\n`;
}

function welcome(
  { gatewayUrl, mailUrl, pspUrl, identityUrl, ports }: Stack,
  users: readonly { email: string; password: string; role: string }[],
): string {
  const base = gatewayUrl ?? `http://127.0.0.1:${ports.services.question?.http}`;
  const people = users.map(({ role, email, password }) => `  ${role.padEnd(8)} ${email}  ${password}`);
  return `
QuestionCloud is up.

  Gateway           ${gatewayUrl ?? "none, because Envoy is not available; each service listens on its own HTTP port"}
  Site, explorer    ${base}/  ${base}/explorer
  Mails             ${mailUrl}/
  PSP               ${pspUrl}/sim/ledger
  Social accounts   ${identityUrl}/sim/people
${observing()}${users.length === 0 ? "" : `\n${people.join("\n")}\n`}
A first call:

  curl ${base}/questioncloud.question.v1.StoreService/ListQuestions \\
    -H 'content-type: application/json' -d '{"pageSize": 3}'

  npx buf curl --protocol grpc --http2-prior-knowledge --schema gen/contracts.binpb -d '{"page_size": 3}' \\
    ${base}/questioncloud.question.v1.StoreService/ListQuestions

The whole story: npm run demo. Ctrl-C stops everything; the data stays in ${run.dir}.
`;
}
