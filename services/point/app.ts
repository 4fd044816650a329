import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { createWakeup, type Wakeup } from "#kit/process/loop.ts";
import { askForAdministrators } from "#kit/rpc/active-user.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { PointConfig } from "./config.ts";
import { createWebhookLimits, type WebhookLimits } from "./db/webhook-limits.ts";
import { createInFlight, type InFlight } from "./in-flight.ts";
import { createOwnerSignatures, type OwnerSignatures } from "./owner-signatures.ts";
import { measurePsp } from "./psp/measure-psp.ts";
import { createPsps, type Psps } from "./psp/psps.ts";

/** The dependencies of the point service. */
export interface App extends Runtime {
  readonly config: PointConfig;
  readonly users: ServiceClient<typeof UserDirectoryService>;
  readonly psps: Psps;
  readonly ownerSignatures: OwnerSignatures;
  /** The reconciliations of charges that are running in this process. */
  readonly inFlight: InFlight;
  /** Wakes the reconciler, for a recheck that was requested. */
  readonly reconcileWakeup: Wakeup;
  readonly webhookLimits: WebhookLimits;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: PointConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("point", config);
  const users = overrides.users ?? runtime.client("user", UserDirectoryService);
  const inFlight = createInFlight(config.confirm.inFlightMax);
  return {
    ...runtime,
    users,
    access: { ...runtime.access, isAdministrator: askForAdministrators(users) },
    psps: createPsps(config.psp, runtime, psp => measurePsp(psp, runtime.metrics)),
    ownerSignatures: createOwnerSignatures(config.checkout.secrets),
    inFlight,
    reconcileWakeup: createWakeup(),
    webhookLimits: createWebhookLimits(runtime.redis, config.webhooks),
    ...overrides,
  };
}
