import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 20;
const attemptMs = 2000;
const stuckMs = 60_000;
const limitMs = 900_000;
const shownLogLines = 15;

interface StartingProcess {
  readonly name: string;
  readonly child: ChildProcess;
  readonly logFile: string;
  /** True when the process answers; a rejection means "not yet". */
  readonly ready: () => Promise<boolean>;
}

/**
 * Waits for a process to answer as long as it is alive and makes progress, which on a busy machine can take minutes:
 * a process that neither logs nor uses the processor for a minute is stuck.
 */
export async function waitUntilReady({ name, child, logFile, ready }: StartingProcess): Promise<void> {
  const exited = once(child, "exit").then(() => false);
  const startMs = Date.now();
  let progress = "";
  let progressMs = startMs;
  for (;;) {
    const answered = await Promise.race([ready().catch(() => false), exited, delay(attemptMs, false)]);
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${name} exited while it was starting. ${endOfLog(logFile)}`);
    }
    if (answered) {
      return;
    }
    const now = Date.now();
    const seen = progressOf(child, logFile);
    if (seen !== progress) {
      progress = seen;
      progressMs = now;
    }
    if (now - progressMs > stuckMs || now - startMs > limitMs) {
      const seconds = Math.round((now - startMs) / 1000);
      throw new Error(`${name} did not answer within ${seconds} s. ${endOfLog(logFile)}`);
    }
    await delay(pollMs);
  }
}

/** Changes while a process logs or uses the processor; where there is no /proc, while it logs. */
function progressOf({ pid }: ChildProcess, logFile: string): string {
  const stat = `/proc/${pid}/stat`;
  const [userTicks, systemTicks] = existsSync(stat)
    ? (readFileSync(stat, "utf8").split(") ").at(-1)?.split(" ").slice(11, 13) ?? [])
    : [];
  return `${statSync(logFile).size} ${userTicks} ${systemTicks}`;
}

function endOfLog(logFile: string): string {
  const text = existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
  return [`Last lines of ${logFile}:`, ...text.trimEnd().split("\n").slice(-shownLogLines)].join("\n");
}
