import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;

/**
 * Terminates the server that an earlier run left behind in the same directory when it was killed. A process whose
 * command line does not name the directory is left alone: the process id has been reused.
 */
export async function endLeftOver(pidFile: string, dir: string, withinMs: number): Promise<void> {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
  if (!Number.isInteger(pid) || pid <= 1 || !commandLine(pid).includes(dir)) {
    return;
  }
  const deadline = Date.now() + withinMs;
  signal(pid, "SIGTERM");
  while (commandLine(pid).includes(dir)) {
    if (Date.now() > deadline) {
      signal(pid, "SIGKILL");
    }
    await delay(pollMs);
  }
  rmSync(pidFile, { force: true });
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch {
    // It has exited in the meantime.
  }
}

function commandLine(pid: number): string {
  try {
    if (existsSync("/proc/self/cmdline")) {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    }
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}
