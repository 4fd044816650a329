import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The files of a stack in which secrets are stored that services are given. */
export const secretFiles = {
  databases: "database-password",
  redis: "redis/password",
  pageTokens: "page-token-secret",
  devices: "device-secret",
  checkout: "checkout-secret",
} as const;

/** A random password of 32 letters and digits, created once and stored in the file for the next run. */
export function storedSecret(file: string): string {
  if (!existsSync(file)) {
    storeSecret(file, randomBytes(16).toString("hex"));
  }
  return readFileSync(file, "utf8");
}

/** Stores a secret for the next run. */
export function storeSecret(file: string, secret: string): void {
  writeFileSync(file, secret, { mode: 0o600 });
}
