import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "./lock.ts";

const maxRuns = 20;

export interface RunDirectory {
  dir: string;
  /** Lets another run have the directory; its contents stay. */
  release(): Promise<void>;
}

/**
 * `<root>/<name>`, or `<root>/<name>-2` and so on if other runs hold those before. The data is there for the next
 * run.
 */
export async function claimDirectory(root: string, name: string): Promise<RunDirectory> {
  for (let run = 1; run <= maxRuns; run++) {
    const dir = join(root, run === 1 ? name : `${name}-${run}`);
    const lock = await tryLock(`directory ${dir}`);
    if (!lock) {
      continue;
    }
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return { dir, release: lock.release };
  }
  throw new Error(`${maxRuns} runs already use directories under ${root}.`);
}

/**
 * `<root>/<name>-<pid>`, or `<root>/<name>-<pid>-2` and so on for further ones of the same process; empty, and
 * `release` removes it. First removes directories of the same name whose process is gone.
 */
export async function claimTemporaryDirectory(root: string, name: string): Promise<RunDirectory> {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(root)) {
    const [, of, pid] = /^(.+?)-(\d+)(-\d+)?$/.exec(entry) ?? [];
    if (of === name && !isAlive(Number(pid))) {
      remove(join(root, entry));
    }
  }
  for (let run = 1; run <= maxRuns; run++) {
    const dir = join(root, `${name}-${process.pid}${run === 1 ? "" : `-${run}`}`);
    if (!claimed.has(dir)) {
      claimed.add(dir);
      remove(dir);
      mkdirSync(dir, { mode: 0o700 });
      return {
        dir,
        async release() {
          remove(dir);
          claimed.delete(dir);
        },
      };
    }
  }
  throw new Error(`this process already uses ${maxRuns} directories under ${root}.`);
}

const claimed = new Set<string>();

function remove(dir: string) {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
