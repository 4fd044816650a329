import assert from "node:assert/strict";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { type Shelf, salePricePoints } from "./selling.ts";
import type { Person } from "./signing-up.ts";
import { mustRefuse, type Stage } from "./stage.ts";
import { waitFor } from "./wait.ts";

/** Puts both questions into the cart, one of them as a browser does with what a guest has collected. */
export async function fillCart({ api }: Stage, buyer: Person, [first, second]: Shelf): Promise<void> {
  const carts = api.client(CartService, buyer.token);
  await carts.addToCart({ questionId: first.questionId });
  await mustRefuse("ALREADY_IN_CART", carts.addToCart({ questionId: first.questionId }));
  await carts.mergeCart({ questionIds: [first.questionId, second.questionId] });
  const { cart } = await carts.getCart({});
  assert.equal(cart?.availableCount, 2, "both questions can be bought");
  assert.equal(cart?.originalPoints, first.pricePoints + second.pricePoints, "the sum of the list prices");
  assert.equal(
    cart?.amountPoints,
    salePricePoints + second.pricePoints,
    "the cart has the price of the sale",
  );
}

/** Waits until the cart has lost what was bought. */
export async function watchCart({ api, quietApi }: Stage, buyer: Person): Promise<void> {
  await waitFor("an empty cart", async () => {
    const { cart } = await quietApi.client(CartService, buyer.token).getCart({});
    return cart?.lines.length === 0 ? cart : undefined;
  });
  const { cart } = await api.client(CartService, buyer.token).getCart({});
  assert.equal(cart?.amountPoints, 0n, "what was bought is no longer in the cart");
}
