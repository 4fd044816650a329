import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { WalletService } from "#gen/questioncloud/point/v1/mesh_pb.ts";
import { PointAdminService, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import type { UserDirectoryService } from "#gen/questioncloud/user/v1/mesh_pb.ts";
import { hear } from "#kit/consumer.ts";
import type { Floor } from "#kit/floor.ts";
import type { Neighbour } from "#kit/neighbour.ts";
import { route } from "#kit/route.ts";
import type { PointConfig } from "./config.ts";
import { purchaseCancelled } from "./consumers/purchase-cancelled.ts";
import { questionsPurchased } from "./consumers/questions-purchased.ts";
import type { Pursuits } from "./pursuits.ts";
import { adjustPoints } from "./rpc/adjust-points.ts";
import { confirmCharge } from "./rpc/confirm-charge.ts";
import { confirmPoints } from "./rpc/confirm-points.ts";
import { createCharge } from "./rpc/create-charge.ts";
import { getCharge } from "./rpc/get-charge.ts";
import { getWallet } from "./rpc/get-wallet.ts";
import { listCharges } from "./rpc/list-charges.ts";
import { listDiscrepancies } from "./rpc/list-discrepancies.ts";
import { listLedgerEntries } from "./rpc/list-ledger-entries.ts";
import { listOpenCharges } from "./rpc/list-open-charges.ts";
import { releasePoints } from "./rpc/release-points.ts";
import { reservePoints } from "./rpc/reserve-points.ts";
import { resolveDiscrepancy } from "./rpc/resolve-discrepancy.ts";

export const services = [PointService, PointAdminService, WalletService];

/** What the handlers use. */
export interface PointParts extends Pick<Floor, "database" | "pageTokens"> {
  readonly config: PointConfig;
  readonly users: Neighbour<typeof UserDirectoryService>;
  readonly pursuits: Pursuits;
  readonly wakeReconciler: () => void;
}

export const createRoutes = (parts: PointParts) => [
  route(PointService.method.getWallet, getWallet(parts)),
  route(PointService.method.listLedgerEntries, listLedgerEntries(parts)),
  route(PointService.method.createCharge, createCharge(parts)),
  route(PointService.method.confirmCharge, confirmCharge(parts)),
  route(PointService.method.getCharge, getCharge(parts)),
  route(PointService.method.listCharges, listCharges(parts)),
  route(PointAdminService.method.adjustPoints, adjustPoints(parts)),
  route(PointAdminService.method.listDiscrepancies, listDiscrepancies(parts)),
  route(PointAdminService.method.resolveDiscrepancy, resolveDiscrepancy(parts)),
  route(PointAdminService.method.listOpenCharges, listOpenCharges(parts)),
  route(WalletService.method.reservePoints, reservePoints(parts)),
  route(WalletService.method.confirmPoints, confirmPoints(parts)),
  route(WalletService.method.releasePoints, releasePoints(parts)),
];

export const hearings = [
  hear(QuestionsPurchasedSchema, questionsPurchased),
  hear(PurchaseCancelledSchema, purchaseCancelled),
];
