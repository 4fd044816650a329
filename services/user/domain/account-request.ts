export type AccountRequestKind = "PASSWORD_RESET" | "EMAIL_REMINDER" | "EMAIL_CHANGE" | "CONFIRMATION";

/** What someone asked for that a mail is needed for. Changes nothing by itself. */
export interface AccountRequest {
  readonly requestId: string;
  readonly kind: AccountRequestKind;
  /** Who asked; null where it may be anyone. */
  readonly userId: bigint | null;
  /** The address whose password is to be reset, or the new one; null for a reminder. */
  readonly email: string | null;
  /** The address that a change replaces; null otherwise. */
  readonly previousEmail: string | null;
  /** Of a reminder; null otherwise. */
  readonly phone: string | null;
  /** Of the newest token that was mailed; null before the first, and after its use. */
  readonly tokenHash: Buffer | null;
  /** Of the token with which a change is reported; null otherwise. */
  readonly reportTokenHash: Buffer | null;
  readonly createTime: Date;
  /** When the token ends. */
  readonly expireTime: Date;
  /** When a change was confirmed; null otherwise. */
  readonly confirmTime: Date | null;
  /** When the row ends, and with it the token with which a change is reported. */
  readonly removeTime: Date;
}

/** How many accounts with one phone number are reminded of their address. */
export const maxReminders = 5;
