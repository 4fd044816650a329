import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { ChargePackage, ChargeState, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { payAtPage } from "./payment-page.ts";
import type { Person } from "./signing-up.ts";
import { must, openPage, type Stage } from "./stage.ts";
import { waitFor } from "./wait.ts";

/** What the buyer charges. */
export const chargedPoints = 10_000n;

/** Orders a package by mistake and cancels the order. */
export async function cancelOrder({ api }: Stage, buyer: Person): Promise<void> {
  const points = api.client(PointService, buyer.token);
  const ordered = await points.createCharge({ requestId: randomUUID(), package: ChargePackage.F });
  const { chargeId } = must(ordered.charge, "the charge");
  const { charge } = await points.cancelCharge({ chargeId });
  assert.equal(charge?.state, ChargeState.CANCELLED, "an order that is not paid can be canceled");
}

/** Orders points, pays at the payment page, confirms, and finds the money in the ledger of the PSP. */
export async function chargePoints(stage: Stage, buyer: Person): Promise<void> {
  const points = stage.api.client(PointService, buyer.token);
  const ordered = await points.createCharge({ requestId: randomUUID(), package: ChargePackage.C });
  const { chargeId, amountPoints, state } = must(ordered.charge, "the charge");
  const { url } = must(ordered.checkout, "the checkout");
  assert.equal(state, ChargeState.ORDERED, "a new charge is ordered");
  assert.equal(amountPoints, chargedPoints, "package C is 10,000 points");
  assert(url.startsWith(stage.pspUrl), "the buyer is sent to the PSP");

  const paid = await payAtPage(url);
  stage.narrator.say(`The payment page sends the buyer back to ${paid.returnUrl.href}`);
  assert.equal(paid.chargeId, chargeId, "the payment is for this charge");
  assert.equal(paid.amountPoints, chargedPoints, "the payment is for this amount");
  await openPage(stage, paid.returnUrl);

  const confirmation = { chargeId, paymentKey: paid.paymentKey, amountPoints: paid.amountPoints };
  await points.confirmCharge(confirmation);
  await waitFor("the outcome of the charge", async () => {
    const { charge } = await stage.quietApi.client(PointService, buyer.token).getCharge({ chargeId });
    return charge?.state === ChargeState.CONFIRMING ? undefined : charge;
  });
  const again = await points.confirmCharge(confirmation);
  assert.equal(again.charge?.state, ChargeState.CHARGED, "the charge is paid, however often it is confirmed");

  const { wallet } = await points.getWallet({});
  assert.equal(wallet?.balancePoints, chargedPoints, "the points are credited once");
  await checkCapture(stage, chargeId);
}

async function checkCapture({ pspUrl, narrator }: Stage, chargeId: string): Promise<void> {
  const answer = await fetch(`${pspUrl}/sim/ledger?orderId=${chargeId}`);
  const { totals } = (await answer.json()) as { totals: { captures: number; net: number } };
  assert.deepEqual([totals.captures, totals.net], [1, Number(chargedPoints)], "the buyer has paid once");
  narrator.say(`The ledger of the PSP shows one payment of ${totals.net} KRW`);
}
