import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import {
  type AdjustPointsRequest,
  DiscrepancyKind,
  type DiscrepancySchema,
  type OpenChargeSchema,
} from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import {
  ChargePackage,
  type ChargeSchema,
  ChargeState,
  LedgerAccount,
  type LedgerEntrySchema,
  LedgerEntryType,
  type WalletSchema,
} from "#gen/questioncloud/point/v1/point_pb.ts";
import type { Adjustment } from "./db/adjustments.ts";
import type { OpenCharge } from "./db/charges.ts";
import type { Discrepancy } from "./db/discrepancies.ts";
import type { LedgerEntry } from "./db/ledger.ts";
import type { StatementEntry } from "./db/statements.ts";
import { type Charge, chargeTransitions, type ChargeState as StoredState } from "./domain/charge-rules.ts";
import type { Balance } from "./domain/ledger.ts";
import { type PackageLetter, packagePoints } from "./domain/packages.ts";

export function toWallet(balance: Balance): MessageInitShape<typeof WalletSchema> {
  return { ...balance, balancePoints: balance.paidPoints + balance.bonusPoints };
}

export function toLedgerEntry(
  entry: LedgerEntry | StatementEntry,
): MessageInitShape<typeof LedgerEntrySchema> {
  return {
    ...entry,
    type: LedgerEntryType[entry.type],
    account: LedgerAccount[entry.account],
    createTime: timestampFromDate(entry.createTime),
  };
}

/** A charge as its owner sees it. */
export function toCharge(charge: Charge): MessageInitShape<typeof ChargeSchema> {
  const { chargeTime, ...rest } = charge;
  return {
    ...rest,
    package: ChargePackage[charge.package],
    state: ChargeState[charge.state],
    createTime: timestampFromDate(charge.createTime),
    expireTime: timestampFromDate(charge.expireTime),
    ...(chargeTime === null ? {} : { chargeTime: timestampFromDate(chargeTime) }),
  };
}

/** A charge without a final outcome as an operator sees it. */
export function toOpenCharge(charge: OpenCharge): MessageInitShape<typeof OpenChargeSchema> {
  const { userId, attempts, lastError, dueTime } = charge;
  return {
    charge: toCharge(charge),
    userId,
    attempts: attempts ?? 0,
    lastError: lastError ?? "",
    ...(dueTime === null ? {} : { nextAttemptTime: timestampFromDate(dueTime) }),
  };
}

export function toDiscrepancy(row: Discrepancy): MessageInitShape<typeof DiscrepancySchema> {
  const { resolveTime, ...rest } = row;
  return {
    ...rest,
    kind: DiscrepancyKind[row.kind],
    createTime: timestampFromDate(row.createTime),
    ...(resolveTime === null ? {} : { resolveTime: timestampFromDate(resolveTime) }),
  };
}

/** The adjustment in a request. */
export function toAdjustment(request: AdjustPointsRequest, adminUserId: bigint): Adjustment {
  const { requestId, userId, deltaPoints, reason } = request;
  const account = request.account === LedgerAccount.PAID ? "PAID" : "BONUS";
  return { adjustmentId: uuidv7(), requestId, adminUserId, userId, account, deltaPoints, reason };
}

/** The package in a request. */
export function packageLetterOf(wanted: ChargePackage): PackageLetter {
  const letter = find(packagePoints, name => ChargePackage[name] === wanted);
  if (letter === undefined) {
    throw new TypeError("the contract requires a package");
  }
  return letter;
}

/** The state by which a list is filtered; undefined for all. */
export function chargeStateOf(wanted: ChargeState): StoredState | undefined {
  return find(chargeTransitions, state => ChargeState[state] === wanted);
}

function find<Name extends string>(
  named: Readonly<Record<Name, unknown>>,
  isWanted: (name: Name) => boolean,
): Name | undefined {
  return (Object.keys(named) as Name[]).find(isWanted);
}
