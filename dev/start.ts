import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadSampleData } from "./sample/load.ts";
import { claimDirectory } from "./servers/directory.ts";
import { root } from "./stack/mesh.ts";
import { type Stack, startStack } from "./stack.ts";

const usage = `npm start -- [--processes] [--empty] [--port-base N]

Starts everything on this machine: backing servers, the mesh, the gateway, and sample data. Ctrl-C stops it; the data stays in .data/.

  --processes    one process per service instead of one for all
  --empty        no sample data
  --port-base N  takes ports from N on (20000)

Instead of the servers that are started, your own are used where a variable names them:
  MARIADB_URL (an administrator's), REDIS_URL, MONGODB_URI, AWS_ENDPOINT_URL, ENVOY_BIN
`;

const { values } = parseArgs({
  options: {
    processes: { type: "boolean", default: false },
    empty: { type: "boolean", default: false },
    "port-base": { type: "string", default: "20000" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const startMs = Date.now();
const log = (line: string) =>
  process.stdout.write(`${((Date.now() - startMs) / 1000).toFixed(1).padStart(5)} s  ${line}\n`);
const run = await claimDirectory(join(root, ".data"), "start");
const stackFile = join(run.dir, "stack.json");
let stack: Stack | undefined;
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => stop(0));
}

try {
  stack = await startStack({
    dir: run.dir,
    portBase: Number(values["port-base"]),
    log,
    processes: values.processes,
  });
  const sample = values.empty ? undefined : await loadSampleData(stack, log);
  const { gatewayUrl, mailUrl, pgUrl } = stack;
  writeFileSync(
    stackFile,
    JSON.stringify({ gatewayUrl, mailUrl, pgUrl, users: sample?.users ?? [] }, null, 2),
  );
  process.stdout.write(welcome(stack, sample?.users ?? []));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof Error && error.cause !== undefined) {
    process.stderr.write(`${String(error.cause)}\n`);
  }
  await stop(1);
}

async function stop(code: number): Promise<void> {
  if (stopping) {
    return;
  }
  stopping = true;
  log("Stopping");
  rmSync(stackFile, { force: true });
  await stack?.stop();
  await run.release();
  process.exit(code);
}

function welcome(
  { gatewayUrl, mailUrl, pgUrl, ports }: Stack,
  users: readonly { email: string; password: string; role: string }[],
): string {
  const base = gatewayUrl ?? `http://127.0.0.1:${ports.services.question?.http}`;
  const people = users.map(({ role, email, password }) => `  ${role.padEnd(8)} ${email}  ${password}`);
  return `
QuestionCloud is up.

  Gateway           ${gatewayUrl ?? "none: Envoy could not be had; each service answers on its own HTTP port"}
  Site, explorer    ${base}/  ${base}/explorer
  Mails             ${mailUrl}/
  Payment gateway   ${pgUrl}/sim/books
${users.length === 0 ? "" : `\n${people.join("\n")}\n`}
A first call:

  curl ${base}/questioncloud.question.v1.StoreService/ListQuestions \\
    -H 'content-type: application/json' -H 'connect-protocol-version: 1' -d '{"pageSize": 3}'

  grpcurl -plaintext -protoset gen/contracts.binpb -d '{"page_size": 3}' \\
    ${base.replace("http://", "")} questioncloud.question.v1.StoreService/ListQuestions

The whole story: npm run demo. Ctrl-C stops everything; the data stays in ${run.dir}.
`;
}
