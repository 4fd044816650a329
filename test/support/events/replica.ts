import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EventFloor } from "./floor.ts";

const script = fileURLToPath(new URL("process.ts", import.meta.url));

/** A relay or a consumer of a service in a process of its own. */
export interface Replica {
  readonly process: ChildProcess;
  /** Resolves with the signal or the exit code that ended it. */
  readonly ended: Promise<string>;
}

/** Starts a replica; it is ended with the test at the latest. */
export function startReplica(
  floor: EventFloor,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Replica {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...floor.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = once(child, "exit").then(([code, signal]) => String(signal ?? code));
  return { process: child, ended };
}
