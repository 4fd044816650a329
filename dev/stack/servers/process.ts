import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endLeftOver } from "./left-over.ts";
import { waitUntilReady } from "./ready.ts";
import { superviseProcess } from "./supervisor.ts";

const finalSignals: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT"];

interface ProcessOptions {
  name: string;
  command: string;
  args: string[];
  /** Holds `<name>.log` and `<name>.pid`. Part of the command line, by which a left-over process is recognized. */
  dir: string;
  env?: NodeJS.ProcessEnv;
  /** Called again and again until it returns true; a rejection means "not yet". */
  ready: () => Promise<boolean>;
  stopWithinMs?: number;
  log: (line: string) => void;
}

/** A child process that can be stopped, killed and started again with the same arguments. */
export interface ServerProcess {
  readonly name: string;
  readonly logFile: string;
  /** Undefined while it is not running. */
  readonly pid: number | undefined;
  /** Resolves when the server answers; rejects with the end of its log when it exits or makes no progress. */
  start(): Promise<void>;
  /** Sends SIGTERM, and SIGKILL if the process is still running after `stopWithinMs`. */
  stop(): Promise<void>;
  /** Resolves when the process has ended; for signals that do not end it, such as SIGSTOP, at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a server and waits until it answers. */
export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  const server = createProcess(options);
  await server.start();
  return server;
}

function createProcess(options: ProcessOptions): ServerProcess {
  const { name, dir, stopWithinMs = 15_000 } = options;
  const logFile = join(dir, `${name}.log`);
  const pidFile = join(dir, `${name}.pid`);
  let child: ChildProcess | undefined;
  let starts = 0;

  async function start() {
    if (child) {
      throw new Error(`${name} is already running.`);
    }
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    await endLeftOver(pidFile, dir, stopWithinMs);
    child = await launch(options, logFile, starts++ === 0 ? "w" : "a");
    writeFileSync(pidFile, String(child.pid));
    const own = child;
    own.once("exit", () => {
      rmSync(pidFile, { force: true });
      if (child === own) {
        child = undefined;
      }
    });
    try {
      await waitUntilReady({ name, ready: options.ready, child: own, logFile });
    } catch (error) {
      await stop();
      throw error;
    }
    own.once("exit", (code, signal) => {
      if (!expectedExits.has(own)) {
        options.log(`${name} exited unexpectedly (${signal ?? `code ${code}`}), see ${logFile}`);
      }
    });
  }

  async function stop() {
    if (!child) {
      return;
    }
    const own = child;
    const exited = once(own, "exit");
    expectedExits.add(own);
    own.kill("SIGCONT");
    own.kill("SIGTERM");
    const timer = setTimeout(() => own.kill("SIGKILL"), stopWithinMs);
    await exited;
    clearTimeout(timer);
  }

  async function kill(signal: NodeJS.Signals) {
    if (!child) {
      throw new Error(`${name} is not running.`);
    }
    const exited = finalSignals.includes(signal) ? once(child, "exit") : undefined;
    if (exited) {
      expectedExits.add(child);
    }
    child.kill(signal);
    await exited;
  }

  return {
    name,
    logFile,
    get pid() {
      return child?.pid;
    },
    start,
    stop,
    kill,
  };
}

const expectedExits = new WeakSet<ChildProcess>();

/**
 * The child gets a process group of its own, so that Ctrl-C in a terminal does not end servers before their clients.
 */
async function launch(options: ProcessOptions, logFile: string, flags: "w" | "a"): Promise<ChildProcess> {
  const output = openSync(logFile, flags, 0o600);
  const child = spawn(options.command, options.args, {
    cwd: options.dir,
    env: options.env ?? process.env,
    stdio: ["ignore", output, output],
    detached: true,
  });
  closeSync(output);
  await once(child, "spawn");
  if (child.pid !== undefined) {
    child.once("exit", superviseProcess(child.pid));
  }
  return child;
}
