import { CouponHoldService } from "#gen/questioncloud/coupon/v1/internal_coupon_hold_pb.ts";
import { WalletService } from "#gen/questioncloud/point/v1/internal_wallet_pb.ts";
import { CatalogService } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { ReservationService } from "#gen/questioncloud/reservation/v1/internal_reservation_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { createWakeup, type Wakeup } from "#kit/process/loop.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { PayConfig } from "./config.ts";
import { createHistory, type History } from "./db/history.ts";

/** The dependencies of the pay service. */
export interface App extends Runtime {
  readonly config: PayConfig;
  readonly clients: Clients;
  readonly history: History;
  /** Wakes the resolver, for a purchase whose own call did not complete it. */
  readonly resolverWakeup: Wakeup;
}

/**
 * The services that pay calls; each participant of a purchase is reached by its own reserve call and the shared
 * confirm and release.
 */
export type Clients = ReturnType<typeof openClients>;

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: PayConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("pay", config);
  const history = overrides.history ?? (await createHistory(config.mongo.uri, runtime.log));
  runtime.onClose(() => history.close());
  const clients = overrides.clients ?? openClients(runtime);
  return { ...runtime, clients, resolverWakeup: createWakeup(), ...overrides, history };
}

function openClients(runtime: Runtime) {
  return {
    catalog: runtime.client("question", CatalogService),
    entitlements: runtime.client("question", EntitlementService),
    entitlementReservations: runtime.client("question", ReservationService),
    coupons: runtime.client("coupon", CouponHoldService),
    couponReservations: runtime.client("coupon", ReservationService),
    wallet: runtime.client("point", WalletService),
    pointReservations: runtime.client("point", ReservationService),
    users: runtime.client("user", UserDirectoryService),
  };
}
