import type { Market } from "../market/market.ts";
import { requireInvariants } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { requireAcknowledged } from "./acknowledged.ts";
import type { Given } from "./given.ts";
import { createShoppers } from "./shoppers.ts";
import { type Shopping, startShopping } from "./shopping.ts";

const users = 12;
const workers = 4;

const open = new Set<Shopping>();

/** Users who shop, four at a time, once the first charge is acknowledged. */
export async function openShop(given: Given, seed: string): Promise<Shopping> {
  const { mesh, market } = given();
  const shoppers = await createShoppers(mesh.stack, users);
  const { questionIds } = market;
  const shopping = startShopping({ stack: mesh.stack, questionIds, shoppers, workers, seed });
  open.add(shopping);
  await until(() => shopping.charged.size > 0, "a charge is acknowledged");
  return shopping;
}

/** Ends what tests that failed left open, so that nothing changes while invariants are verified. */
export async function closeShops(): Promise<void> {
  await Promise.all([...open].map(shopping => shopping.stop()));
  open.clear();
}

/** Waits until a user who is new can charge points and buy; those who shop may own every question by now. */
export async function untilServed({ stack, questionIds }: Market, stuckMs?: number): Promise<void> {
  const shoppers = await createShoppers(stack, 1);
  const visitor = startShopping({ stack, questionIds, shoppers, workers: 1, seed: "visitor" });
  const options = stuckMs === undefined ? {} : { stuckMs };
  await until(() => visitor.paid.size > 0, "a new user is served", options).finally(visitor.stop);
}

/** Heals everything, waits until users are served again, and for quiet; then nothing may be missing or wrong. */
export async function requireUnharmed(given: Given, shopping: Shopping): Promise<void> {
  const { mesh, market } = given();
  await mesh.heal();
  await untilServed(market);
  await shopping.stop();
  await requireInvariants(mesh.stack);
  await requireAcknowledged(mesh.stack, shopping);
}
