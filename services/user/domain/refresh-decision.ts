import type { Session } from "./session.ts";

/** What the decision about a refresh token depends on. */
export interface RefreshUse {
  /** Which token of the session was presented: the newest, the one it replaced, or any other. */
  readonly presented: "current" | "previous" | "other";
  /** The newest token was created within the grace period. */
  readonly inGrace: boolean;
  readonly ended: boolean;
  readonly expired: boolean;
  readonly userIsActive: boolean;
}

/**
 * `rotate` creates a new token. `repeat` returns the previous answer again, however often, for several tabs or a lost
 * answer. `end` ends the session, because a token was used that its owner replaced some time ago. `refuse` and
 * `shutOut` change nothing: the session is over.
 */
type RefreshDecision = "rotate" | "repeat" | "end" | "refuse" | "shutOut";

/** Compares a presented token with its session. */
export function refreshUseOf(
  session: Session,
  { secretHash, now, graceMs, userIsActive }: RefreshAttempt,
): RefreshUse {
  const { currentHash, previousHash, refreshTime, endTime, expireTime } = session;
  const isPrevious = previousHash !== null && secretHash.equals(previousHash);
  return {
    presented: secretHash.equals(currentHash) ? "current" : isPrevious ? "previous" : "other",
    inGrace: now.getTime() < refreshTime.getTime() + graceMs,
    ended: endTime !== null,
    expired: expireTime <= now,
    userIsActive,
  };
}

interface RefreshAttempt {
  readonly secretHash: Buffer;
  /** By the database's clock. */
  readonly now: Date;
  readonly graceMs: number;
  readonly userIsActive: boolean;
}

/** Decides what the use of a refresh token leads to. */
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
  if (use.presented === "current") {
    return "rotate";
  }
  return use.presented === "previous" && use.inGrace ? "repeat" : "end";
}
