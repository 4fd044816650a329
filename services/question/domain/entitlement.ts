import type { Transitions } from "#kit/contract/transitions.ts";

/** What a user has of a question: held for a purchase, or owned. One that is given up is deleted. */
export type EntitlementState = "RESERVED" | "OWNED";

export const entitlementTransitions: Transitions<EntitlementState> = {
  RESERVED: ["OWNED"],
  OWNED: [],
};
