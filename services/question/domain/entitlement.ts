import type { Transitions } from "#kit/contract/transitions.ts";

/** A question is held for a purchase, or owned. A released entitlement is deleted. */
export type EntitlementState = "RESERVED" | "OWNED";

export const entitlementTransitions: Transitions<EntitlementState> = {
  RESERVED: ["OWNED"],
  OWNED: [],
};
