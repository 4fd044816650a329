import { CouponHoldService } from "#gen/questioncloud/coupon/v1/mesh_pb.ts";
import { WalletService } from "#gen/questioncloud/point/v1/mesh_pb.ts";
import { CatalogService, EntitlementService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/mesh_pb.ts";
import type { Environment } from "#kit/config.ts";
import { type Floor, openFloor } from "#kit/floor.ts";
import { type PayConfig, readPayConfig } from "./config.ts";
import { createHistory, type History } from "./store/history.ts";

/** What the pay service works with. */
export interface App extends Floor {
  readonly payConfig: PayConfig;
  readonly history: History;
  readonly neighbours: Neighbours;
}

export type Neighbours = ReturnType<typeof openNeighbours>;

/** Opens the floor, the neighbours and the read model. */
export async function createApp(env: Environment): Promise<App> {
  const payConfig = readPayConfig(env);
  const floor = await openFloor("pay", env);
  const history = await createHistory(payConfig.PAY_MONGODB_URI, floor.log);
  return Object.assign(floor, { payConfig, history, neighbours: openNeighbours(floor) });
}

function openNeighbours(floor: Floor) {
  return {
    catalog: floor.neighbour("question", CatalogService),
    entitlements: floor.neighbour("question", EntitlementService),
    coupons: floor.neighbour("coupon", CouponHoldService),
    wallet: floor.neighbour("point", WalletService),
    users: floor.neighbour("user", UserDirectoryService),
  };
}
