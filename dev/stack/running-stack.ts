import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "./root.ts";

const stackFile = z.object({
  gatewayUrl: z.string().optional(),
  mailUrl: z.string(),
  pspUrl: z.string(),
  identityUrl: z.string(),
  /** Only of a stack that is observed. */
  prometheusUrl: z.string().optional(),
  users: z.array(z.object({ email: z.string(), password: z.string(), role: z.string() })),
  env: z.record(z.string(), z.string()),
});

/** The description of a stack started by `npm start`, in `.data/<run>/stack.json`. */
export type RunningStack = z.infer<typeof stackFile>;

const answerWithinMs = 2000;

/** The file in which a run describes its stack while it is up. */
export function stackFileOf(runDir: string): string {
  return join(runDir, "stack.json");
}

/** Writes the description of a stack. It holds passwords, so only its owner may read it. */
export function writeStackFile(runDir: string, stack: RunningStack): void {
  writeFileSync(stackFileOf(runDir), JSON.stringify(stack, null, 2), { mode: 0o600 });
}

/** Reads the description of a stack; undefined if it is that of another version. */
export function readStackFile(file: string): RunningStack | undefined {
  return stackFile.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
}

/** The stack that was started last and still answers; undefined if there is none. */
export async function findRunningStack(): Promise<RunningStack | undefined> {
  const files = globSync(stackFileOf(join(root, ".data/start*"))).toSorted(
    (one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs,
  );
  for (const file of files) {
    const stack = readStackFile(file);
    if (stack !== undefined && (await isAlive(stack))) {
      return stack;
    }
  }
  return undefined;
}

/**
 * The environment of the running local stack, for commands whose own variables are absent; undefined if there is
 * none.
 */
export async function runningStackEnvironment(): Promise<Readonly<Record<string, string>> | undefined> {
  return (await findRunningStack())?.env;
}

async function isAlive({ env }: RunningStack): Promise<boolean> {
  const url = `http://127.0.0.1:${env.USER_PROBE_PORT}/livez`;
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) })).ok;
  } catch {
    return false;
  }
}
