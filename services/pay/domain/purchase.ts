import type { Transitions } from "#kit/contract/transitions.ts";
import type { Price } from "./pricing.ts";

export type PurchaseState = "PENDING" | "PAID" | "CANCELLED";

/** PENDING until every participant holds its part, or one refuses. */
export const purchaseTransitions: Transitions<PurchaseState> = {
  PENDING: ["PAID", "CANCELLED"],
  PAID: [],
  CANCELLED: [],
};

/** A purchase with a snapshot of its lines. */
export interface Purchase extends Price {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly requestId: string;
  readonly requestHash: Uint8Array;
  readonly state: PurchaseState;
  /** Why it was canceled: a reason of the catalog with its metadata. */
  readonly cancelReason: string | null;
  readonly cancelMetadata: Readonly<Record<string, string>> | null;
  readonly createTime: Date;
  readonly finishTime: Date | null;
  /** Milliseconds since it was started, by the clock of the database. */
  readonly ageMs: number;
}
