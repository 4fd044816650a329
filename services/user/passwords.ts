import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { hashCost } from "./domain/password-hash.ts";
import type { RunInSlot } from "./slots.ts";

/** Hashes and verifies passwords with argon2id, a few at a time. */
export interface Passwords {
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** Without a hash it returns false after the same time, so that timing does not reveal whether an account exists. */
  verify(passwordHash: string | null | undefined, password: string, signal: AbortSignal): Promise<boolean>;
}

/** Creates the hasher, with a dummy hash that no password matches. */
export async function createPasswords(runInSlot: RunInSlot): Promise<Passwords> {
  const dummyHash = await hash(randomBytes(32), hashCost);
  return {
    hash: (password, signal) => runInSlot(() => hash(password, hashCost), signal),
    async verify(passwordHash, password, signal) {
      const matches = await runInSlot(() => verify(passwordHash ?? dummyHash, password), signal);
      return matches && typeof passwordHash === "string";
    },
  };
}
