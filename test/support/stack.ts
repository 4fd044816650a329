import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testDurations } from "../../dev/environment.ts";
import { claimTemporaryDirectory } from "../../dev/servers/directory.ts";
import { type Stack, type StackOptions, startStack } from "../../dev/stack.ts";
import { verifyBooks } from "../../ops/verify-books.ts";
import { unseenRefusals } from "./refusals.ts";
import { settle } from "./settle.ts";
import { whyPartial } from "./whole-run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const portBase = 21_000;

/** A stack that a test file starts for itself, with its own data; `stop` removes the data. */
export async function startTestStack(options: Partial<StackOptions> = {}): Promise<Stack> {
  const run = await claimTemporaryDirectory(join(root, ".data"), `test-${crypto.randomUUID().slice(0, 8)}`);
  const lines: string[] = [];
  try {
    const stack = await startStack({
      dir: run.dir,
      portBase,
      log: line => lines.push(line),
      processes: false,
      keepQueues: false,
      ...options,
      env: { ...testDurations, ...options.env },
    });
    return {
      ...stack,
      async stop() {
        await stack.stop();
        await run.release();
      },
    };
  } catch (error) {
    await run.release();
    throw new Error(`the stack did not start; last step: ${lines.at(-1)}`, { cause: error });
  }
}

let shared: Promise<Stack> | undefined;

/** The stack that all test files of a run share: the whole mesh, or the services that TEST_SERVICES names. Started by the first who asks. */
export function sharedStack(): Promise<Stack> {
  const services = process.env.TEST_SERVICES?.split(",");
  shared ??= startTestStack(services === undefined ? {} : { services });
  return shared;
}

/** Ends the run: when everything is quiet the books of the shared stack must be right, and a whole run has seen every refusal. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context) {
    this.timeout(120_000);
    const stack = await shared;
    if (stack !== undefined) {
      const whole = process.env.TEST_SERVICES === undefined;
      await (whole ? requireRightBooks(stack) : Promise.resolve()).finally(() => stack.stop());
    }
    requireAllRefusals(this.test?.parent as Mocha.Suite);
  },
};

/** Waits until a stack is quiet and fails where its books show damage. */
export async function requireRightBooks(stack: Stack): Promise<void> {
  await settle(stack);
  const damaged = (await verifyBooks(stack.env, { graceSeconds: 0, gatewayDays: 2 })).filter(
    finding => finding.damages.length > 0,
  );
  if (damaged.length > 0) {
    throw new Error(
      `the books are wrong:\n${damaged.map(({ name, damages }) => `${name}\n  ${damages.join("\n  ")}`).join("\n")}`,
    );
  }
}

/** Fails where a contract names a refusal that no test saw. A part of the tests cannot have seen all, and says so. */
function requireAllRefusals(suite: Mocha.Suite): void {
  const partial = whyPartial(suite);
  const unseen = partial === undefined ? unseenRefusals() : [];
  if (partial !== undefined) {
    process.stdout.write(`\nrefusals were not compared with the contracts: ${partial}\n`);
  }
  if (unseen.length > 0) {
    throw new Error(`no test saw these refusals, which the contracts name:\n${unseen.join("\n")}`);
  }
}
