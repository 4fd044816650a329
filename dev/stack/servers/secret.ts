import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** A random password of 32 letters and digits, created once and stored in the file for the next run. */
export function storedSecret(file: string): string {
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(16).toString("hex"), { mode: 0o600 });
  }
  return readFileSync(file, "utf8");
}
