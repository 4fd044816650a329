import type { Transitions } from "#kit/contract/transitions.ts";
import type { SocialProviderName } from "./social.ts";
import type { User } from "./user.ts";

/** SENT: the mail server accepted it. DROPPED: it was not needed any more. PARKED: it failed too often. */
export type MailState = "PENDING" | "SENT" | "DROPPED" | "PARKED";

export const mailTransitions: Transitions<MailState> = {
  PENDING: ["SENT", "DROPPED", "PARKED"],
  SENT: [],
  DROPPED: [],
  PARKED: [],
};

/** The mails for requests. An EMAIL_REMINDER becomes one EMAIL_ADDRESS to each account of the phone number. */
type RequestTemplate =
  | "PASSWORD_RESET"
  | "EMAIL_REMINDER"
  | "EMAIL_CHANGE"
  | "EMAIL_CHANGE_NOTICE"
  | "CONFIRMATION";

/** A mail to a user, or for a registration or a request. */
export type Mail = NewMail & {
  readonly mailId: bigint;
  readonly state: MailState;
  /** Why it is parked; null otherwise. */
  readonly lastFailure: string | null;
  readonly createTime: Date;
  /** When it was sent, dropped or parked; null while it is pending. */
  readonly finishTime: Date | null;
};

type Recipient = Pick<User, "email" | "name" | "status">;

/** A mail that is to be sent, with the user it goes to, if any. */
export type PendingMail = Mail & (Recipient | { readonly [Key in keyof Recipient]: null });

/** A template, for whom, and its other values. Points are decimal strings, times are ISO 8601. */
export type NewMail =
  | { readonly template: "REGISTRATION"; readonly registrationId: string }
  | { readonly template: RequestTemplate; readonly requestId: string }
  | { readonly template: "EMAIL_ADDRESS"; readonly userId: bigint }
  | { readonly template: "PURCHASE_RECEIPT"; readonly userId: bigint; readonly data: PurchaseReceipt }
  | { readonly template: "CHARGE_RECEIPT"; readonly userId: bigint; readonly data: ChargeReceipt }
  | { readonly template: "SOCIAL_ACCOUNT"; readonly userId: bigint; readonly data: SocialAccountChange }
  | { readonly template: "NOTIFICATION"; readonly userId: bigint; readonly data: NotificationMail };

export interface PurchaseReceipt {
  readonly purchaseId: string;
  readonly payTime: string;
  readonly lines: readonly {
    readonly title: string;
    readonly creatorName: string;
    readonly originalPoints: string;
    readonly amountPoints: string;
  }[];
  readonly originalPoints: string;
  readonly amountPoints: string;
}

export interface ChargeReceipt {
  readonly chargeId: string;
  readonly chargeTime: string;
  readonly amountPoints: string;
  /** Address of the receipt at the PSP; empty for none. */
  readonly receiptUrl: string;
}

/** A social account that was linked or unlinked. */
export interface SocialAccountChange {
  readonly provider: SocialProviderName;
  readonly isLinked: boolean;
}

/** What is new; says nothing that others wrote. */
export interface NotificationMail {
  readonly kind: "NEW_POST" | "NEW_COMMENT" | "NEW_QUESTION";
}
