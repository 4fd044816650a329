import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "#dev/stack/root.ts";

const script = join(root, "ops/events.ts");

export interface Ended {
  /** The exit code, or the signal that ended the process. */
  readonly code: number | string | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `ops/events.ts` as a process. With `interruptAt` it gets SIGINT when its progress first contains this text. */
export async function runEvents(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  interruptAt?: string,
): Promise<Ended> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [script, ...args], { env: { PATH, NODE_COMPILE_CACHE, ...env } });
  child.stderr.on("data", (chunk: Buffer) => {
    if (interruptAt !== undefined && chunk.toString().includes(interruptAt)) {
      child.kill("SIGINT");
    }
  });
  const [[code, signal], output, errors] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: (signal ?? code) as Ended["code"], output, errors };
}
