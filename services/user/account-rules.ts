import { notActivated, notActive } from "./failures.ts";

/** The state of an account as the database names it. */
export type AccountStatus = "PENDING" | "ACTIVE" | "BANNED";

/** The form in which e-mail addresses are stored and compared. */
export function normalizeEmail(email: string): string {
  return email.toLowerCase();
}

/** Refuses whoever may not sign in. */
export function requireActive(status: AccountStatus): void {
  if (status === "PENDING") {
    throw notActivated();
  }
  if (status !== "ACTIVE") {
    throw notActive();
  }
}
