import type { Transitions } from "#kit/contract/transitions.ts";

/** Only a review that is shown counts. */
export type ReviewState = "SHOWN" | "HIDDEN" | "DELETED";

export const reviewTransitions: Transitions<ReviewState> = {
  SHOWN: ["HIDDEN", "DELETED"],
  HIDDEN: ["SHOWN"],
  DELETED: [],
};

/** A review of a question. */
export interface Review {
  readonly reviewId: bigint;
  readonly questionId: bigint;
  /** Of the question. */
  readonly creatorId: bigint;
  /** The user who wrote it. */
  readonly reviewerId: bigint;
  readonly state: ReviewState;
  /** 1 to 5. */
  readonly rate: number;
  readonly comment: string;
  /** Increases with every change. */
  readonly version: bigint;
  readonly createTime: Date;
  /** The last change of rate or comment; null without one. */
  readonly editTime: Date | null;
}

/** The rate that statistics count; 0 for none. */
export function countedRate({ state, rate }: Pick<Review, "state" | "rate">): number {
  return state === "SHOWN" ? rate : 0;
}
