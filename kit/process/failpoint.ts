/** Thrown by a failpoint with the action `fail`. */
class FailpointError extends Error {}

const armed = (process.env.FAILPOINT ?? "").split(",").flatMap(parse);

/** True in a process that may stop at one. */
export const hasFailpoints = armed.length > 0;

/**
 * A named place where a test may stop this process: `FAILPOINT=name:action` with the action kill, hang or fail, and
 * `name:action*n` for the first n passes only; several are separated by commas. Without the variable it costs one
 * comparison.
 */
export async function failpoint(name: string): Promise<void> {
  if (!hasFailpoints) {
    return;
  }
  const point = armed.find(each => each.name === name && each.passes > 0);
  if (point === undefined) {
    return;
  }
  point.passes -= 1;
  if (point.action === "kill") {
    process.kill(process.pid, "SIGKILL");
  }
  if (point.action === "fail") {
    throw new FailpointError(name);
  }
  await new Promise(() => {});
}

function parse(value: string): { name: string; action: string; passes: number }[] {
  const match = /^(.+):(kill|hang|fail)(?:\*(\d+))?$/.exec(value);
  if (match === null) {
    return [];
  }
  const [, name = "", action = "", passes] = match;
  return [{ name, action, passes: Number(passes ?? Number.POSITIVE_INFINITY) }];
}
