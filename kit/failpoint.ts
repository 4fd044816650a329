/** Thrown by a failpoint with the action `fail`. */
export class FailpointError extends Error {}

const armed = parse(process.env.FAILPOINT ?? "");

/**
 * A named place where a test may stop this process: `FAILPOINT=name:action` with the action kill, hang or fail, and `name:action*n` for the
 * first n passes only. Without the variable it costs one comparison.
 */
export async function failpoint(name: string): Promise<void> {
  if (armed === undefined || armed.name !== name || armed.passes === 0) {
    return;
  }
  armed.passes -= 1;
  if (armed.action === "kill") {
    process.kill(process.pid, "SIGKILL");
  }
  if (armed.action === "fail") {
    throw new FailpointError(name);
  }
  await new Promise(() => {});
}

function parse(value: string): { name: string; action: string; passes: number } | undefined {
  const match = /^(.+):(kill|hang|fail)(?:\*(\d+))?$/.exec(value);
  if (match === null) {
    return undefined;
  }
  return {
    name: match[1] ?? "",
    action: match[2] ?? "",
    passes: Number(match[3] ?? Number.POSITIVE_INFINITY),
  };
}
