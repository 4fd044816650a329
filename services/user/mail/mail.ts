/** A mail as its row keeps it: which template, and what the template needs beside the user. Points are decimal texts, times ISO 8601. */
export type Mail =
  | { readonly template: "ACTIVATION"; readonly data: Readonly<Record<string, never>> }
  | { readonly template: "PURCHASE_RECEIPT"; readonly data: PurchaseReceipt }
  | { readonly template: "CHARGE_RECEIPT"; readonly data: ChargeReceipt };

/** What was bought. */
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

/** What was charged. */
export interface ChargeReceipt {
  readonly chargeId: string;
  readonly chargeTime: string;
  readonly amountPoints: string;
  /** Address of the receipt at the payment gateway, or empty. */
  readonly receiptUrl: string;
}

/** A mail as it is sent. */
export interface ComposedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}
