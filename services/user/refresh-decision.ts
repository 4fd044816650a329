/** What decides over the use of a refresh token. */
export interface RefreshUse {
  /** Which token of the session was shown: the newest, the one it replaced, or any other. */
  readonly shown: "current" | "previous" | "other";
  /** The newest token was made within the time of grace. */
  readonly inGrace: boolean;
  /** The replaced token was used a second time before. */
  readonly repeated: boolean;
  readonly ended: boolean;
  readonly expired: boolean;
  readonly userIsActive: boolean;
}

/**
 * `rotate` makes a new token, `repeat` gives the one made before once more (two tabs, a lost answer), `end` ends the session because a token
 * was used that its owner had replaced, `refuse` and `shutOut` change nothing.
 */
export type RefreshDecision = "rotate" | "repeat" | "end" | "refuse" | "shutOut";

/** Decides over the use of a refresh token whose family is known. */
export function decideRefresh(use: RefreshUse): RefreshDecision {
  if (use.expired) {
    return "refuse";
  }
  if (!use.userIsActive) {
    return "shutOut";
  }
  if (use.ended) {
    return "refuse";
  }
  if (use.shown === "current") {
    return "rotate";
  }
  return use.shown === "previous" && use.inGrace && !use.repeated ? "repeat" : "end";
}
