import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { createDatabase } from "#kit/data/database.ts";
import { loadListings, loadQuestions, loadWords } from "#test/support/data/listings.ts";
import { startTcpGate } from "#test/support/stack/tcp-gate.ts";
import { method, path } from "../calls/method.ts";
import { clientCore, serverCore } from "../calls/processes.ts";
import { imageEnvironment } from "../image-environment.ts";
import type { GrpcCall } from "./call-at-rate.ts";

/** The service of questions as it ships, on a core of its own, and how to call it. */
export interface LoadedService {
  readonly call: GrpcCall;
  readonly probeUrl: string;
  megabytes(): number;
  /** Starts it again, with variables, and a database whose answers take so much longer. */
  restart(env: Readonly<Record<string, string>>, databaseDelayMs: number): Promise<void>;
  stop(): Promise<void>;
}

const name = "question";
const questions = 1000;
const message = toBinary(method.input, create(method.input, { pageSize: 20 }));
const body = Buffer.concat([Buffer.from([0, 0, 0, 0, message.byteLength]), message]);
const ratePerMinute = "10000000";

/** Starts the service and its stores, with some questions on sale. */
export async function startLoadedService(): Promise<LoadedService> {
  const run = await claimTemporaryDirectory(join(import.meta.dirname, "../../.data"), "bench");
  const stack = await startStack({
    dir: run.dir,
    portBase: 26_000,
    log: () => {},
    keepQueues: false,
    processes: true,
    services: [name],
    gateway: false,
    env: { RATE_READ_PER_MINUTE: ratePerMinute, ...imageEnvironment() },
  });
  await load(stack);
  const gate = await startTcpGate(stack.ports.mariadb);
  const url = new URL(stack.env.QUESTION_DATABASE_URL ?? "");
  url.port = String(gate.port);
  pin(process.pid, clientCore);
  const ports = stack.ports.services[name];
  const pid = () => stack.processes.get(name)?.pid ?? 0;
  return {
    call: { url: `http://127.0.0.1:${ports?.grpc}`, path, body },
    probeUrl: `http://127.0.0.1:${ports?.probe}`,
    megabytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid()}/status`, "utf8"))?.[1]) / 1000,
    async restart(env, databaseDelayMs) {
      gate.slow(databaseDelayMs / 2);
      await stack.restart(name, { ...env, ...(databaseDelayMs > 0 && { QUESTION_DATABASE_URL: url.href }) });
      pin(pid(), serverCore);
    },
    async stop() {
      await stack.stop();
      await gate.close();
      await run.release();
    },
  };
}

async function load({ env }: Stack): Promise<void> {
  const database = createDatabase({ url: env.QUESTION_MIGRATION_DATABASE_URL ?? "", poolSize: 1 });
  await loadWords(database);
  await loadListings(database, 1, questions);
  await loadQuestions(database, 1, questions);
  await database.close();
}

function pin(pid: number, core: string): void {
  execFileSync("taskset", ["-apc", core, String(pid)]);
}
