import { v7 as uuidv7 } from "uuid";
import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Tx } from "#kit/database.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { type CheckoutConfig, checkoutOf } from "../checkout.ts";
import type { PointConfig } from "../config.ts";
import { chargeNotFound, requestIdReused, tooManyOpenCharges } from "../failures.ts";
import { letterOf, type PackageLetter } from "../packages.ts";
import {
  countOrdered,
  findRequestedCharge,
  insertCharge,
  type NewCharge,
  type StoredCharge,
} from "../store/charges.ts";
import { lockWallet } from "../store/wallets.ts";

export function createCharge({
  database,
  config,
}: Dependencies): Handler<typeof PointService.method.createCharge> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const order = {
      userId,
      requestId: request.requestId,
      package: letterOf(request.package),
      lifetimeMs: config.POINT_ORDER_LIFETIME_MS,
    };
    const { charge } = await database.transaction(async tx => {
      // The wallet's lock makes the orders of one user follow one another, so that their number is exact.
      await lockWallet(tx, userId);
      return (await findSame(tx, order)) ?? insert(tx, order);
    });
    return { charge, checkout: checkoutOf(charge, config) };
  };
}

const openChargesMax = 20;

type Order = Omit<NewCharge, "chargeId">;

async function findSame(
  tx: Tx,
  order: Order & { package: PackageLetter },
): Promise<StoredCharge | undefined> {
  const known = await findRequestedCharge(tx, order.userId, order.requestId);
  if (known !== undefined && known.package !== order.package) {
    throw requestIdReused();
  }
  return known;
}

async function insert(tx: Tx, order: Order): Promise<StoredCharge> {
  if ((await countOrdered(tx, order.userId)) >= openChargesMax) {
    throw tooManyOpenCharges();
  }
  await insertCharge(tx, { ...order, chargeId: uuidv7() });
  const inserted = await findRequestedCharge(tx, order.userId, order.requestId);
  if (inserted === undefined) {
    throw chargeNotFound();
  }
  return inserted;
}

interface Dependencies extends Pick<Floor, "database"> {
  readonly config: CheckoutConfig & Pick<PointConfig, "POINT_ORDER_LIFETIME_MS">;
}
