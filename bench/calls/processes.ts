import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What serves the calls has the first core, and what makes them the second. */
export const serverCore = "0";
export const clientCore = "1";

const root = join(import.meta.dirname, "../..");

/** A server of `serve.ts` in a process of its own. */
export interface ServedCalls {
  readonly grpcUrl: string;
  readonly httpUrl: string;
  /** Headers of a caller whom it knows. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds of CPU that it has used. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** Starts a server on the first core; `telemetry` are the variables of its telemetry, undefined for none at all. */
export async function startServer(
  args: readonly string[],
  telemetry: Readonly<Record<string, string>> | undefined,
): Promise<ServedCalls> {
  const hook = telemetry === undefined ? [] : ["--import", join(root, "kit/process/telemetry.ts")];
  const profile = (process.env.BENCH_SERVER_FLAGS ?? "").split(" ").filter(Boolean);
  const child = spawnOn(
    serverCore,
    process.execPath,
    [...profile, ...hook, join(import.meta.dirname, "serve.ts"), ...args],
    telemetry,
  );
  const ready = JSON.parse(await firstLine(child)) as { grpc: number; http: number; token?: string };
  return {
    grpcUrl: `http://127.0.0.1:${ready.grpc}`,
    httpUrl: `http://127.0.0.1:${ready.http}`,
    headers: ready.token === undefined ? {} : { authorization: `Bearer ${ready.token}` },
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    async stop() {
      child.kill("SIGINT");
      await once(child, "exit");
    },
  };
}

/** Runs a program on one core. */
export function spawnOn(
  core: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn("taskset", ["-c", core, command, ...args], {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) {
    throw new TypeError("the output of the child is read");
  }
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return line;
  }
  throw new Error("the server ended before it was ready");
}

const ticksPerSecond = 100;

function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}
