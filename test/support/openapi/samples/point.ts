import { randomUUID } from "node:crypto";
import { admin, type SampleCalls, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of point. */
export default function pointCalls(): SampleCalls {
  const note = "시험";
  return {
    "point.v1.PointAdminService/AdjustPoints": admin(
      {
        requestId: randomUUID(),
        userId: unknownId,
        deltaPoints: "100",
        account: "LEDGER_ACCOUNT_BONUS",
        reason: note,
      },
      "NOT_FOUND",
    ),
    "point.v1.PointAdminService/ListDiscrepancies": admin({ includeResolved: true }),
    "point.v1.PointAdminService/ResolveDiscrepancy": admin({ discrepancyId: unknownId, note }, "NOT_FOUND"),
    "point.v1.PointAdminService/ListOpenCharges": admin({}),
    "point.v1.PointAdminService/CloseCharge": admin({ chargeId: randomUUID(), reason: note }, "NOT_FOUND"),
    "point.v1.PointService/GetWallet": user({}),
    "point.v1.PointService/ListLedgerEntries": user({}),
    "point.v1.PointService/CreateCharge": user({ requestId: randomUUID(), package: "CHARGE_PACKAGE_A" }),
    "point.v1.PointService/ConfirmCharge": user(
      { chargeId: randomUUID(), paymentKey: "unknown", amountPoints: "1000" },
      "NOT_FOUND",
    ),
    "point.v1.PointService/CancelCharge": user({ chargeId: randomUUID() }, "NOT_FOUND"),
    "point.v1.PointService/GetCharge": user({ chargeId: randomUUID() }, "NOT_FOUND"),
    // Another sample has ordered points.
    "point.v1.PointService/CreateWithdrawalClearance": user({}, "WALLET_NOT_EMPTY"),
    "point.v1.StatementService/GetStatement": user({ month: "2026-11" }),
    "point.v1.StatementService/ExportStatement": user({ month: "2026-11" }),
    "point.v1.PointService/ListCharges": user({ state: "CHARGE_STATE_CHARGED" }),
  };
}
