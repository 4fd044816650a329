import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";
import {
  BasketSchema,
  type PaymentService,
  type PurchaseQuestionsRequest,
} from "#gen/questioncloud/pay/v1/pay_pb.ts";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { type Context, createWorkContext, userIdOf } from "#kit/context.ts";
import type { Handler } from "#kit/route.ts";
import type { App } from "../app.ts";
import {
  buyerNotActive,
  cancelledPurchase,
  consentRequired,
  priceChanged,
  purchaseNotFound,
  requestIdReused,
  stillRunning,
} from "../failures.ts";
import type { Price } from "../pricing.ts";
import { quoteBasket } from "../quote.ts";
import { settle } from "../settle.ts";
import { openPurchase } from "../store/purchase-states.ts";
import { findPurchase, findPurchaseByRequest, type StoredPurchase } from "../store/purchases.ts";
import { toPurchase } from "../to-purchase.ts";

export function purchaseQuestions(app: App): Handler<typeof PaymentService.method.purchaseQuestions> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const requestHash = hashOf(request);
    const repeated = () => findRepeated(app, userId, request.requestId, requestHash);

    const known = await repeated();
    if (known !== undefined) {
      return answer(known);
    }
    let price: Price;
    try {
      price = await quote(app, request, context);
    } catch (refusal) {
      // The first call with this id may have bought meanwhile what this one is refused for.
      const done = await repeated();
      if (done !== undefined) {
        return answer(done);
      }
      throw refusal;
    }
    const purchaseId = uuidv7();
    const ownedMs = app.payConfig.PAY_OWNED_MS;
    const opened = await app.database.transaction(tx =>
      openPurchase(tx, { purchaseId, userId, requestId: request.requestId, requestHash, price, ownedMs }),
    );
    if (!opened) {
      return answer(required(await repeated()));
    }
    // From here on the work has its own deadline: a caller who hangs up changes nothing.
    const work = createWorkContext({ service: app.name, userId, timeoutMs: app.payConfig.PAY_WORK_MS });
    await settle(app, required(await findPurchase(app.database, purchaseId)), work).catch((error: unknown) =>
      app.log.warn({ err: error, purchaseId }, "the outcome of a purchase is left to the resolver"),
    );
    return answer(required(await findPurchase(app.database, purchaseId)));
  };
}

async function quote(
  { neighbours }: App,
  request: PurchaseQuestionsRequest,
  context: Context,
): Promise<Price> {
  if (!request.consentToImmediateUse) {
    throw consentRequired();
  }
  const userId = userIdOf(context);
  const [price, { status }] = await Promise.all([
    quoteBasket(neighbours, required(request.basket), context),
    neighbours.users.getUserStatus({ userId }, context),
  ]);
  if (status !== UserStatus.ACTIVE) {
    throw buyerNotActive();
  }
  if (request.expectedAmountPoints !== undefined && request.expectedAmountPoints !== price.amountPoints) {
    throw priceChanged(price.amountPoints);
  }
  return price;
}

async function findRepeated(
  app: App,
  userId: bigint,
  requestId: string,
  requestHash: Buffer,
): Promise<StoredPurchase | undefined> {
  const found = await findPurchaseByRequest(app.database, userId, requestId);
  if (found === undefined) {
    return undefined;
  }
  if (!requestHash.equals(found.requestHash)) {
    throw requestIdReused();
  }
  if (found.state === "PENDING" && found.ageMs < app.payConfig.PAY_OWNED_MS) {
    throw stillRunning(found.purchaseId);
  }
  return found;
}

function answer(purchase: StoredPurchase) {
  if (purchase.state === "CANCELLED") {
    throw cancelledPurchase(purchase);
  }
  return { purchase: toPurchase(purchase) };
}

// The amount the buyer has seen is part of the wish; the answer to a repeat must not depend on a different one.
function hashOf({ basket, expectedAmountPoints }: PurchaseQuestionsRequest): Buffer {
  return createHash("sha256")
    .update(toBinary(BasketSchema, required(basket)))
    .update(`expected ${expectedAmountPoints ?? "any"}`)
    .digest();
}

function required<T>(value: T | undefined): T {
  if (value === undefined) {
    throw purchaseNotFound();
  }
  return value;
}
