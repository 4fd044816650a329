import { globSync, readFileSync, statSync } from "node:fs";
import { z } from "zod";

const stackFile = z.object({
  gatewayUrl: z.url(),
  mailUrl: z.url(),
  pgUrl: z.url(),
  users: z.array(z.object({ email: z.string(), password: z.string(), role: z.string() })),
});

/** What a running stack tells about itself in its `stack.json`. */
export type StackFile = z.infer<typeof stackFile>;

const answerWithinMs = 2000;

/** Finds the stack that was started last and whose gateway answers; undefined where there is none. */
export async function findRunningStack(dataDir: string): Promise<StackFile | undefined> {
  const files = globSync(`${dataDir}/start*/stack.json`).toSorted(
    (one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs,
  );
  for (const file of files) {
    const { data: stack } = stackFile.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (stack !== undefined && (await answers(stack.gatewayUrl))) {
      return stack;
    }
  }
  return undefined;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) })).status < 500;
  } catch {
    return false;
  }
}
