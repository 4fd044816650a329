import type { Transitions } from "#kit/contract/transitions.ts";

/** NONE: the question was not on sale yet, or is old. */
export type NewsState = "NONE" | "SPREADING" | "SPREAD";

export const newsTransitions: Transitions<NewsState> = {
  NONE: ["SPREADING"],
  SPREADING: ["SPREAD"],
  SPREAD: [],
};
