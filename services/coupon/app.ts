import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { askForAdministrators } from "#kit/rpc/active-user.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { CouponConfig } from "./config.ts";

/** The dependencies of the coupon service. */
export interface App extends Runtime {
  readonly config: CouponConfig;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: CouponConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("coupon", config);
  const isAdministrator = askForAdministrators(runtime.client("user", UserDirectoryService));
  return { ...runtime, access: { ...runtime.access, isAdministrator }, ...overrides };
}
