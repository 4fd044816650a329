import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("watcher.sh", import.meta.url));
let watcher: ChildProcess | undefined;

/**
 * Has the process ended when this one is gone, also after a SIGKILL that leaves no time to tidy up.
 * Returns the function that takes it off the list again.
 */
export function watchProcess(pid: number): () => void {
  watcher ??= startWatcher();
  const own = watcher;
  own.stdin?.write(`+${pid}\n`);
  return () => {
    if (own.exitCode === null) own.stdin?.write(`-${pid}\n`);
  };
}

function startWatcher(): ChildProcess {
  const child = spawn("/bin/sh", [script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  const forget = () => {
    if (watcher === child) watcher = undefined;
  };
  child.on("exit", forget);
  child.on("error", forget);
  child.stdin.on("error", forget);
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}
