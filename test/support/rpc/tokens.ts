import type { Stack } from "#dev/stack/stack.ts";
import { signAccessToken } from "./forged-tokens.ts";

let lastUserId = 9_000_000_000n;

/** A user who exists in a token only, for tests that need hundreds of users and call no service that looks them up. */
export interface TokenUser {
  readonly userId: bigint;
  readonly token: string;
}

/** Signs tokens for users who never signed up. */
export function createTokenUsers(stack: Stack, count: number): Promise<TokenUser[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      lastUserId += 1n;
      const userId = lastUserId;
      return { userId, token: await signAccessToken(stack, { userId }) };
    }),
  );
}
