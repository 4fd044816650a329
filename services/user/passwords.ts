import { randomBytes } from "node:crypto";
import { hash, parseOptions, verify } from "@node-rs/argon2";
import type { RunInSlot } from "./slots.ts";

/** Hashes and verifies passwords with argon2id, a few at a time. */
export interface Passwords {
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** True where the password is right. Without a hash it takes as long and is false, so that the time tells nothing of an account. */
  verify(passwordHash: string | undefined, password: string, signal: AbortSignal): Promise<boolean>;
}

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Makes the hasher; it prepares a hash that no password fits. */
export async function createPasswords(runInSlot: RunInSlot): Promise<Passwords> {
  const nobodysHash = await hash(randomBytes(32), cost);
  return {
    hash: (password, signal) => runInSlot(() => hash(password, cost), signal),
    async verify(passwordHash, password, signal) {
      const right = await runInSlot(() => verify(passwordHash ?? nobodysHash, password), signal);
      return right && passwordHash !== undefined;
    },
  };
}

/** True where a hash was made with other parameters than those of today. */
export function isOutdated(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return (
    !passwordHash.startsWith("$argon2id$v=19$") ||
    memoryCost !== cost.memoryCost ||
    timeCost !== cost.timeCost ||
    parallelism !== cost.parallelism
  );
}
