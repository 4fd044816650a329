import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("supervisor.sh", import.meta.url));
let supervisor: ChildProcess | undefined;

/**
 * Ends a process when this one exits, even after a SIGKILL that leaves no time for cleanup. Returns a function that
 * takes the process off the list again.
 */
export function superviseProcess(pid: number): () => void {
  supervisor ??= startSupervisor();
  const own = supervisor;
  own.stdin?.write(`+${pid}\n`);
  return () => {
    if (own.exitCode === null) {
      own.stdin?.write(`-${pid}\n`);
    }
  };
}

function startSupervisor(): ChildProcess {
  const child = spawn("/bin/sh", [script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  const forget = () => {
    if (supervisor === child) {
      supervisor = undefined;
    }
  };
  child.on("exit", forget);
  child.on("error", forget);
  child.stdin.on("error", forget);
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}
