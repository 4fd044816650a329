import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "#dev/stack/root.ts";
import type { Stack } from "#dev/stack/stack.ts";

const command = join(root, "ops/grant-admin.ts");

/** Makes a user an administrator, by the command for the first administrator. */
export const grantAdmin = (stack: Stack, email: string) => run(stack, email);

/** Takes the role of an administrator away, by the command. */
export const revokeAdmin = (stack: Stack, email: string) => run(stack, "--revoke", email);

async function run(stack: Stack, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...stack.env };
  return (await promisify(execFile)(process.execPath, [command, ...args], { env })).stdout;
}
