import type { Stack } from "../../dev/stack.ts";
import { signAccessToken } from "./forged-tokens.ts";

let lastUserId = 9_000_000_000n;

/** A user whom only the token knows, where a test needs hundreds of them and no service looks the user up. */
export interface Stranger {
  readonly userId: bigint;
  readonly token: string;
}

/** Signs tokens for users who never signed up. */
export function createStrangers(stack: Stack, count: number): Promise<Stranger[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      lastUserId += 1n;
      const userId = lastUserId;
      return { userId, token: await signAccessToken(stack, { userId }) };
    }),
  );
}
