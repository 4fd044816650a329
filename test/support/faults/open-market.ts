import type { Stack } from "#dev/stack/stack.ts";
import { createMarket, type Market } from "../market/market.ts";

const attempts = 3;

/** Opens a market; tries again where processes that have just started on a busy machine do not answer in time. */
export async function openMarket(stack: Stack, questionCount: number): Promise<Market> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await createMarket(stack, { questionCount });
    } catch (error) {
      if (attempt === attempts) {
        throw error;
      }
    }
  }
}
