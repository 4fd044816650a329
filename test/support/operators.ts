import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Stack } from "../../dev/stack.ts";

const command = fileURLToPath(new URL("../../services/user/grant-admin.ts", import.meta.url));

/** Makes a user an operator, by the command that makes the first one. */
export async function grantAdmin(stack: Stack, email: string): Promise<void> {
  await promisify(execFile)(process.execPath, [command, email], { env: { ...process.env, ...stack.env } });
}
