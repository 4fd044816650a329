import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { WalletService } from "#gen/questioncloud/point/v1/internal_wallet_pb.ts";
import { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { StatementService } from "#gen/questioncloud/point/v1/statement_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { job } from "#kit/process/loop.ts";
import { implement } from "#kit/rpc/implement.ts";
import { serveReservations } from "#kit/rpc/serve-reservations.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { PointConfig } from "./config.ts";
import { compareDays } from "./jobs/compare-days.ts";
import { measurePoints } from "./jobs/measure-points.ts";
import { reconcileCharges } from "./jobs/reconcile-charges.ts";
import { pointReservations } from "./point-reservations.ts";
import { adjustPoints } from "./rpc/adjust-points.ts";
import { cancelCharge } from "./rpc/cancel-charge.ts";
import { closeCharge } from "./rpc/close-charge.ts";
import { confirmCharge } from "./rpc/confirm-charge.ts";
import { createCharge } from "./rpc/create-charge.ts";
import { createWithdrawalClearance } from "./rpc/create-withdrawal-clearance.ts";
import { exportStatement } from "./rpc/export-statement.ts";
import { getCharge } from "./rpc/get-charge.ts";
import { getStatement } from "./rpc/get-statement.ts";
import { getWallet } from "./rpc/get-wallet.ts";
import { listCharges } from "./rpc/list-charges.ts";
import { listDiscrepancies } from "./rpc/list-discrepancies.ts";
import { listLedgerEntries } from "./rpc/list-ledger-entries.ts";
import { listOpenCharges } from "./rpc/list-open-charges.ts";
import { reservePoints } from "./rpc/reserve-points.ts";
import { resolveDiscrepancy } from "./rpc/resolve-discrepancy.ts";
import { purchaseCancelled } from "./subscribers/purchase-cancelled.ts";
import { questionsPurchased } from "./subscribers/questions-purchased.ts";
import { pspWebhook } from "./webhooks/psp-webhook.ts";

export { config } from "./config.ts";

/** Starts the point service. */
export async function start(config: PointConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  const { reconcile, compare, measure } = config;
  return startService(app, {
    rpcs: [
      implement(PointService, {
        getWallet: getWallet(app),
        listLedgerEntries: listLedgerEntries(app),
        createCharge: createCharge(app),
        confirmCharge: confirmCharge(app),
        cancelCharge: cancelCharge(app),
        getCharge: getCharge(app),
        createWithdrawalClearance: createWithdrawalClearance(app),
        listCharges: listCharges(app),
      }),
      implement(StatementService, {
        getStatement: getStatement(app),
        exportStatement: exportStatement(app),
      }),
      implement(PointAdminService, {
        adjustPoints: adjustPoints(app),
        listDiscrepancies: listDiscrepancies(app),
        resolveDiscrepancy: resolveDiscrepancy(app),
        listOpenCharges: listOpenCharges(app),
        closeCharge: closeCharge(app),
      }),
      implement(WalletService, { reservePoints: reservePoints(app) }),
      serveReservations(app.database, pointReservations),
    ],
    httpRoutes: [pspWebhook(app)],
    subscriptions: [
      subscribe(QuestionsPurchasedSchema, questionsPurchased),
      subscribe(PurchaseCancelledSchema, purchaseCancelled),
    ],
    jobs: [
      job("reconcile-charges", reconcile.pollMs, reconcileCharges(app), app.reconcileWakeup),
      job("compare-days", compare.pollMs, compareDays(app)),
      job("measure-points", measure.pollMs, measurePoints(app)),
    ],
    drain: limitMs => app.inFlight.drain(limitMs),
  });
}
