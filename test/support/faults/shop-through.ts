import { requireInvariants } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { requireAcknowledged } from "./acknowledged.ts";
import type { Given } from "./given.ts";
import { createShoppers } from "./shoppers.ts";
import { type Shopping, startShopping } from "./shopping.ts";

const users = 12;
const workers = 4;

/** Users who shop, four at a time, once the first charge is acknowledged. */
export async function openShop(given: Given, seed: string): Promise<Shopping> {
  const { mesh, market } = given();
  const shoppers = await createShoppers(mesh.stack, users);
  const { questionIds } = market;
  const shopping = startShopping({ stack: mesh.stack, questionIds, shoppers, workers, seed });
  await until(() => shopping.charged.size > 0, "a charge is acknowledged");
  return shopping;
}

/** Heals everything, waits until users can buy again, and for quiet; then nothing may be missing or wrong. */
export async function requireUnharmed(given: Given, shopping: Shopping): Promise<void> {
  const { mesh } = given();
  await mesh.heal();
  const before = shopping.paid.size;
  await until(() => shopping.paid.size > before, "purchases are acknowledged again");
  await shopping.stop();
  await requireInvariants(mesh.stack);
  await requireAcknowledged(mesh.stack, shopping);
}
