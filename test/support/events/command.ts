import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../../../ops/events.ts", import.meta.url));

export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the operators' command for events as a process. With `interruptAt` it gets SIGINT at the first such text of its progress. */
export async function runEvents(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  interruptAt?: string,
): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...args], { env: { PATH: process.env.PATH, ...env } });
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
