import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EventRuntime } from "./runtime.ts";

const script = fileURLToPath(new URL("process.ts", import.meta.url));

/** A relay or a consumer in a process of its own. */
export interface Replica {
  readonly process: ChildProcess;
  /** Resolves with the signal or exit code when the process has ended. */
  readonly ended: Promise<string>;
}

/** Starts a replica, which ends with the test run at the latest. */
export function startReplica(
  runtime: EventRuntime,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Replica {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...runtime.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = once(child, "exit").then(([code, signal]) => String(signal ?? code));
  return { process: child, ended };
}
