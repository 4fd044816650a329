import type { Transitions } from "#kit/contract/transitions.ts";
import { notActivated, notActive } from "../failures.ts";

/** PENDING until the e-mail address is confirmed. */
export type UserStatus = "PENDING" | "ACTIVE" | "BANNED";

/** Lifting a ban restores the previous status. */
export const userTransitions: Transitions<UserStatus> = {
  PENDING: ["ACTIVE", "BANNED"],
  ACTIVE: ["BANNED"],
  BANNED: ["PENDING", "ACTIVE"],
};

type Role = "USER" | "ADMIN";

/** An account with its profile. */
export interface User {
  readonly userId: bigint;
  /** Normalized. */
  readonly email: string;
  readonly phone: string;
  readonly passwordHash: string;
  readonly name: string;
  /** Empty for none. */
  readonly profileImageUrl: string;
  readonly role: Role;
  readonly status: UserStatus;
  readonly createTime: Date;
  /** Null until the e-mail address is confirmed. */
  readonly activateTime: Date | null;
}

/** The form in which e-mail addresses are stored and compared. */
export function normalizeEmail(email: string): string {
  return email.toLowerCase();
}

/** Refuses a user who may not sign in. */
export function requireActive(status: UserStatus): void {
  if (status === "PENDING") {
    throw notActivated();
  }
  if (status !== "ACTIVE") {
    throw notActive();
  }
}

/** The status after a ban is lifted; PENDING where the address was never confirmed. */
export function statusWithoutBan({ activateTime }: Pick<User, "activateTime">): "PENDING" | "ACTIVE" {
  return activateTime === null ? "PENDING" : "ACTIVE";
}
