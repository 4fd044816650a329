import { v7 as uuidv7 } from "uuid";
import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";
import { requireActiveUser } from "#kit/rpc/active-user.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { checkoutOf } from "../checkout.ts";
import { countOpen, findRequestedCharge, insertCharge, type NewCharge } from "../db/charges.ts";
import { lockWallet } from "../db/wallets.ts";
import type { Charge } from "../domain/charge-rules.ts";
import { chargeNotFound, requestIdReused, tooManyOpenCharges } from "../failures.ts";
import { packageLetterOf, toCharge } from "../to-proto.ts";

export function createCharge(app: Dependencies): Handler<typeof PointService.method.createCharge> {
  const { database, users, config, psps } = app;
  return async (request, context) => {
    const order: Order = {
      userId: userIdOf(context),
      requestId: request.requestId,
      provider: psps.current.name,
      package: packageLetterOf(request.package),
      lifetimeMs: config.order.lifetimeMs,
    };
    await requireActiveUser(users, context);
    const charge = await database.transaction(async tx => {
      // The wallet's lock serializes the orders of one user, so that their count is exact.
      await lockWallet(tx, order.userId);
      return (await findSame(tx, order)) ?? insertOrder(tx, order);
    });
    return { charge: toCharge(charge), checkout: checkoutOf(app, charge) };
  };
}

const openChargesMax = 20;

type Order = Omit<NewCharge, "chargeId">;

async function findSame(tx: Tx, order: Order): Promise<Charge | undefined> {
  const known = await findRequestedCharge(tx, order.userId, order.requestId);
  if (known !== undefined && known.package !== order.package) {
    throw requestIdReused();
  }
  return known;
}

async function insertOrder(tx: Tx, order: Order): Promise<Charge> {
  if ((await countOpen(tx, order.userId)) >= openChargesMax) {
    throw tooManyOpenCharges();
  }
  await insertCharge(tx, { ...order, chargeId: uuidv7() });
  const inserted = await findRequestedCharge(tx, order.userId, order.requestId);
  if (inserted === undefined) {
    throw chargeNotFound();
  }
  return inserted;
}

type Dependencies = Pick<App, "database" | "users" | "config" | "psps" | "ownerSignatures">;
