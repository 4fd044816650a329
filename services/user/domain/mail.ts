import type { Transitions } from "#kit/contract/transitions.ts";

/** SENT: the mail server accepted it. DROPPED: it was not needed any more. PARKED: it failed too often. */
export type MailState = "PENDING" | "SENT" | "DROPPED" | "PARKED";

export const mailTransitions: Transitions<MailState> = {
  PENDING: ["SENT", "DROPPED", "PARKED"],
  SENT: [],
  DROPPED: [],
  PARKED: [],
};

/** A mail to a user. */
export type Mail = MailContent & {
  readonly mailId: bigint;
  readonly userId: bigint;
  readonly state: MailState;
  /** Why it is parked; null otherwise. */
  readonly lastFailure: string | null;
  readonly createTime: Date;
  /** When it was sent, dropped or parked; null while it is pending. */
  readonly finishTime: Date | null;
};

/** A template and its values besides the user. Points are decimal strings, times are ISO 8601. */
export type MailContent =
  | { readonly template: "ACTIVATION"; readonly data: Readonly<Record<string, never>> }
  | { readonly template: "PURCHASE_RECEIPT"; readonly data: PurchaseReceipt }
  | { readonly template: "CHARGE_RECEIPT"; readonly data: ChargeReceipt };

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
