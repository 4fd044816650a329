import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endLeftOver } from "./left-over.ts";
import { watchProcess } from "./watcher.ts";

const pollMs = 20;
const attemptMs = 2_000;
const shownLogLines = 15;
const finalSignals: NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT"];

export interface ProcessOptions {
  name: string;
  command: string;
  args: string[];
  /** Holds `<name>.log` and `<name>.pid`. It stands in the command line, which tells left-overs from strangers. */
  dir: string;
  env?: NodeJS.ProcessEnv;
  /** Asked again and again until it is true; a rejection counts as "not yet". */
  ready: () => Promise<boolean>;
  readyWithinMs?: number;
  stopWithinMs?: number;
  log: (line: string) => void;
}

/** A child process that can be stopped, killed and started again with the same arguments. */
export interface ServerProcess {
  readonly name: string;
  readonly logFile: string;
  /** Undefined while it is not running. */
  readonly pid: number | undefined;
  /** Resolves when the server answers; rejects with the end of its log when it ends or takes too long. */
  start(): Promise<void>;
  /** SIGTERM, and SIGKILL when it is still there after `stopWithinMs`. */
  stop(): Promise<void>;
  /** Resolves at once for SIGSTOP and the like, after the end of the process for signals that end it. */
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
    if (child) throw new Error(`${name} is already running.`);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    await endLeftOver(pidFile, dir, stopWithinMs);
    child = await launch(options, logFile, starts++ === 0 ? "w" : "a");
    writeFileSync(pidFile, String(child.pid));
    const own = child;
    own.once("exit", () => {
      rmSync(pidFile, { force: true });
      if (child === own) child = undefined;
    });
    try {
      await untilReady(options, own, logFile);
    } catch (error) {
      await stop();
      throw error;
    }
    own.once("exit", (code, signal) => {
      if (!expectedEnds.has(own))
        options.log(`${name} ended unexpectedly (${signal ?? `code ${code}`}), see ${logFile}`);
    });
  }

  async function stop() {
    if (!child) return;
    const own = child;
    const ended = once(own, "exit");
    expectedEnds.add(own);
    own.kill("SIGCONT");
    own.kill("SIGTERM");
    const timer = setTimeout(() => own.kill("SIGKILL"), stopWithinMs);
    await ended;
    clearTimeout(timer);
  }

  async function kill(signal: NodeJS.Signals) {
    if (!child) throw new Error(`${name} is not running.`);
    const ended = finalSignals.includes(signal) ? once(child, "exit") : undefined;
    if (ended) expectedEnds.add(child);
    child.kill(signal);
    await ended;
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

const expectedEnds = new WeakSet<ChildProcess>();

/** A group of its own keeps Ctrl-C in the terminal from ending the servers before those who use them. */
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
  if (child.pid !== undefined) child.once("exit", watchProcess(child.pid));
  return child;
}

async function untilReady(options: ProcessOptions, child: ChildProcess, logFile: string) {
  const { name, ready, readyWithinMs = 30_000 } = options;
  const deadline = Date.now() + readyWithinMs;
  const ended = once(child, "exit").then(() => false);
  for (;;) {
    const answered = await Promise.race([ready().catch(() => false), ended, delay(attemptMs, false)]);
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${name} ended while it started. ${endOfLog(logFile)}`);
    }
    if (answered) return;
    if (Date.now() > deadline) {
      throw new Error(`${name} did not answer within ${readyWithinMs} ms. ${endOfLog(logFile)}`);
    }
    await delay(pollMs);
  }
}

/** The last lines of a log, for an error that a person reads. */
export function endOfLog(logFile: string): string {
  const text = existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
  return [`Last lines of ${logFile}:`, ...text.trimEnd().split("\n").slice(-shownLogLines)].join("\n");
}
