import type { Transitions } from "#kit/contract/transitions.ts";
import { notActive } from "../failures.ts";

export type UserStatus = "ACTIVE" | "BANNED" | "WITHDRAWN";

export const userTransitions: Transitions<UserStatus> = {
  ACTIVE: ["BANNED", "WITHDRAWN"],
  BANNED: ["ACTIVE"],
  WITHDRAWN: [],
};

type Role = "USER" | "ADMIN";

/** An account with its profile. */
export interface User {
  readonly userId: bigint;
  /** Normalized. */
  readonly email: string;
  /** Not verified, so several users may have the same. */
  readonly phone: string;
  /** Null where the user logs in with social accounts only. */
  readonly passwordHash: string | null;
  readonly name: string;
  /** Empty for none. */
  readonly profileImageUrl: string;
  readonly role: Role;
  readonly status: UserStatus;
  readonly createTime: Date;
  /** Null unless the user withdrew. */
  readonly withdrawTime: Date | null;
}

/** Refuses a user who may not sign in. */
export function requireActive(status: UserStatus): void {
  if (status !== "ACTIVE") {
    throw notActive();
  }
}
