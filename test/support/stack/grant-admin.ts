import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "#dev/stack/root.ts";
import type { Stack } from "#dev/stack/stack.ts";

const command = join(root, "ops/grant-admin.ts");

/** Makes a user an administrator, by the command for the first administrator. */
export async function grantAdmin(stack: Stack, email: string): Promise<void> {
  await promisify(execFile)(process.execPath, [command, email], { env: { ...process.env, ...stack.env } });
}
