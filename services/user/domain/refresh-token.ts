import { createHash, createHmac, randomBytes } from "node:crypto";

/** A refresh token: the family it belongs to, and a secret that each rotation replaces. */
export interface RefreshToken {
  readonly family: Buffer;
  readonly secret: Buffer;
}

const familyBytes = 16;
const secretBytes = 32;
const form = /^[\w-]{64}$/;

/** Creates the first token of a new family. */
export function createRefreshToken(): RefreshToken {
  return { family: randomBytes(familyBytes), secret: randomBytes(secretBytes) };
}

/** Creates the secret seed of a family. */
export function createSeed(): Buffer {
  return randomBytes(secretBytes);
}

/**
 * The token that replaces this one. It is derived from the family's seed, so that two calls with the same token get the
 * same answer although only hashes are stored. The database alone is not enough to compute it.
 */
export function successorOf({ family, secret }: RefreshToken, seed: Uint8Array): RefreshToken {
  return { family, secret: createHmac("sha256", seed).update(secret).digest() };
}

/** The token as clients store it. */
export function formatRefreshToken({ family, secret }: RefreshToken): string {
  return Buffer.concat([family, secret]).toString("base64url");
}

/** Reads a token; undefined where it is malformed. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  if (!form.test(text)) {
    return undefined;
  }
  const bytes = Buffer.from(text, "base64url");
  return { family: bytes.subarray(0, familyBytes), secret: bytes.subarray(familyBytes) };
}

/** The form in which a secret is stored. */
export function hashSecret(secret: Uint8Array | string): Buffer {
  return createHash("sha256").update(secret).digest();
}
