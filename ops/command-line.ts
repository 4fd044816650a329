import { parseArgs } from "node:util";
import { serviceNames } from "#kit/contract/contracts.ts";
import { allowClosedPipe } from "#kit/process/closed-pipe.ts";

/** The command was called with wrong arguments. */
export class UsageError extends Error {}

/**
 * Runs a command with its exit code: 2 when it was called wrongly, 1 when it failed; prints an error in one line,
 * with its causes.
 */
export async function runCommand(name: string, main: () => Promise<number>): Promise<void> {
  allowClosedPipe();
  process.exitCode = await main().catch((error: unknown) => report(name, error));
}

/** Runs the work of a command that takes no arguments but `--help`, which prints its usage. */
export async function withoutArguments(usage: string, work: () => Promise<number>): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (positionals.length > 0) {
    throw new UsageError(`not understood: ${positionals[0]}`);
  }
  return work();
}

/** True where the arguments of a command ask how it is called. */
export function asksForHelp(args: readonly string[]): boolean {
  return args.some(each => each === "--help" || each === "-h");
}

/** The services that a command is about: those that were named, or all. */
export function namedServices(names: readonly string[]): readonly string[] {
  const unknown = names.filter(name => !serviceNames.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`no such service: ${unknown.join(", ")}; there are: ${serviceNames.join(", ")}`);
  }
  return names.length > 0 ? names : serviceNames;
}

/** A signal that is aborted by Ctrl-C, so that a command ends between two steps. */
export function untilInterrupted(): AbortSignal {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  process.once("SIGTERM", () => interrupt.abort());
  return interrupt.signal;
}

/** Reads the arguments of a command that goes on running; ends the process where they are wrong. */
export function readArguments<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    process.exit(report(name, error));
  }
}

/** Prints an error and returns the exit code for it. */
function report(name: string, error: unknown): number {
  const isWrongCall = error instanceof UsageError || isParseError(error);
  process.stderr.write(`${explain(error)}\n${isWrongCall ? `npm run ${name} -- --help shows how\n` : ""}`);
  return isWrongCall ? 2 : 1;
}

function isParseError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

function explain(error: unknown): string {
  const causes: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    causes.push(each.message || each.name);
  }
  return causes.length === 0 ? String(error) : causes.join(": ");
}
