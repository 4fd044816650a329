import { spawn } from "node:child_process";
import { once } from "node:events";

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Called with each line of standard error; without it, the last lines are the message of the error. */
  readonly onLine?: (line: string) => void;
}

const lastLines = 8;

/** Runs a program to its end and returns what it printed; throws with the end of its error output if it fails. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, input, onLine }: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  const output: Buffer[] = [];
  const errors: string[] = [];
  let open = "";
  child.stdout.on("data", (data: Buffer) => output.push(data));
  child.stderr.setEncoding("utf8").on("data", (data: string) => {
    const lines = (open + data).split("\n");
    open = lines.pop() ?? "";
    errors.push(...lines);
    errors.splice(0, errors.length - lastLines);
    for (const line of lines) {
      onLine?.(line);
    }
  });
  child.stdin.on("error", () => {}).end(input);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const text = Buffer.concat(output).toString();
  if (code !== 0) {
    const end = [...errors, open].join("\n").trim() || text.trim().split("\n").slice(-lastLines).join("\n");
    throw new Error(`${command} ${args[0] ?? ""} ended with ${signal ?? code}: ${end}`);
  }
  return text;
}
