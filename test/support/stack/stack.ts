import { join } from "node:path";
import { testDurations } from "#dev/stack/environment.ts";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { type Stack, type StackOptions, startStack } from "#dev/stack/stack.ts";
import { verifyInvariants } from "#ops/verify-invariants.ts";
import { requireKeysTogether } from "../stores/redis-slots.ts";
import { readLogs } from "../stores/search-stores.ts";
import { ownSecrets, readOutputs, requireNoSecrets } from "../stores/secrets.ts";
import { renderGateway } from "./render-gateway.ts";
import { until } from "./until.ts";
import { waitUntilIdle } from "./wait-until-idle.ts";

const portBase = 21_000;

/** A stack for one test file, with data of its own; `stop` removes the data. */
export async function startTestStack(options: Partial<StackOptions> = {}): Promise<Stack> {
  const run = await claimTemporaryDirectory(join(root, ".data"), "test");
  const lines: string[] = [];
  try {
    const stack = await startStack({
      dir: run.dir,
      portBase,
      log: line => lines.push(line),
      processes: false,
      keepQueues: false,
      renderGateway,
      ...options,
      // Tests run in the machine's time zone and services in another, so that a time that depends on either shows.
      env: { TZ: "Asia/Seoul", ...testDurations, ...options.env },
    });
    return {
      ...stack,
      async stop() {
        await stack.stop();
        await requireNoSecrets(await ownSecrets(stack), [readLogs(stack)]).finally(run.release);
      },
    };
  } catch (error) {
    await run.release();
    throw new Error(`the stack did not start; last step: ${lines.at(-1)}`, { cause: error });
  }
}

let shared: Promise<Stack> | undefined;

/**
 * The stack that all test files of a run share, started on first use: all services, or those that TEST_SERVICES
 * names.
 */
export function sharedStack(): Promise<Stack> {
  const services = process.env.TEST_SERVICES?.split(",");
  shared ??= startTestStack(services === undefined ? {} : { services });
  return shared;
}

/**
 * At the end of a run no secret may be where none belongs, the invariants of the shared stack must hold, and no command
 * to Redis may be one that a cluster refuses.
 */
export const mochaHooks = {
  async afterAll() {
    const stack = await shared;
    if (stack !== undefined) {
      const complete = process.env.TEST_SERVICES === undefined;
      const checked = requireNoSecrets(await ownSecrets(stack), readOutputs(stack)).then(() =>
        complete ? requireInvariants(stack) : undefined,
      );
      await checked.finally(() => stack.stop());
    }
    requireKeysTogether();
  },
};

/** Waits until a stack is idle and fails if it violates an invariant. */
export async function requireInvariants(stack: Stack): Promise<void> {
  await waitUntilIdle(stack);
  await requireNoViolations(stack);
}

/** Waits until no invariant of these services is violated, while events between them may still be on their way. */
export async function untilNoViolations(stack: Stack, services: readonly string[]): Promise<void> {
  let found: unknown;
  const holds = () =>
    requireNoViolations(stack, services).then(
      () => true,
      error => {
        found = error;
        return false;
      },
    );
  await until(holds, "no invariant is violated", { progress: () => found && String(found) });
}

/** Fails if one of the invariants of these services, or of all, is violated. */
export async function requireNoViolations(stack: Stack, services?: readonly string[]): Promise<void> {
  const findings = await verifyInvariants(stack.env, { graceSeconds: 0, pspDays: 2 }, services);
  const violated = findings.filter(finding => finding.violations.length > 0);
  if (violated.length > 0) {
    const lines = violated.map(({ name, violations }) => [name, ...violations].join("\n  "));
    throw new Error(`invariants are violated:\n${lines.join("\n")}`);
  }
}
