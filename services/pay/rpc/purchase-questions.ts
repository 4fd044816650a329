import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { toBinary } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";
import {
  type Basket,
  BasketSchema,
  type PaymentService,
  type PurchaseQuestionsRequest,
} from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { answerMarginMs, type Context, userIdOf } from "#kit/contract/context.ts";
import type { Database } from "#kit/data/database.ts";
import { outliveCall } from "#kit/data/statement-deadline.ts";
import { findTask } from "#kit/data/task-state.ts";
import { startTask, type Task } from "#kit/data/tasks.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import { requireActiveUser } from "#kit/rpc/active-user.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { workOnPurchase } from "../complete-purchase.ts";
import {
  findPurchase,
  findPurchaseByRequest,
  insertPurchase,
  type NewPurchase,
  purchaseTask,
} from "../db/purchases.ts";
import type { Price } from "../domain/pricing.ts";
import type { Purchase } from "../domain/purchase.ts";
import {
  cancelledPurchase,
  consentRequired,
  priceChanged,
  purchaseNotFound,
  requestIdReused,
  stillRunning,
} from "../failures.ts";
import { quoteBasket } from "../quote.ts";
import { toPurchase } from "../to-proto.ts";

export function purchaseQuestions(app: App): Handler<typeof PaymentService.method.purchaseQuestions> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { requestId } = request;
    const requestHash = hashOf(request);
    const repeated = () => awaitRepeated(app, { userId, requestId, requestHash }, context);

    let price: Price;
    try {
      price = await quote(app, request, context);
    } catch (refusal) {
      // A call with this id may have bought what makes this one fail.
      const done = await repeated();
      if (done !== undefined) {
        return answer(done);
      }
      throw refusal;
    }
    const purchaseId = uuidv7();
    const opened = await open(app, { purchaseId, userId, requestId, requestHash, price });
    if (opened === undefined) {
      return answer(requirePurchase(await repeated()));
    }
    // From here on the work has its own deadline, and continues if the caller hangs up.
    const by = { task: opened.task, requestId: context.requestId };
    const ended = await outliveCall(() => workOnPurchase(app, opened.purchase, by));
    return answer(ended ?? requirePurchase(await findPurchase(app.database, purchaseId)));
  };
}

const lookAgain = { baseMs: 50, maxMs: 500 };
/**
 * The purchase that an earlier call with this request id created; undefined without one. Waits for that call while it
 * is running and this one has time.
 */
async function awaitRepeated(
  { database }: App,
  { userId, requestId, requestHash }: Omit<NewPurchase, "purchaseId" | "price">,
  { deadlineMs, signal }: Context,
): Promise<Purchase | undefined> {
  for (let attempt = 1; ; attempt++) {
    const found = await findPurchaseByRequest(database, userId, requestId);
    if (found === undefined) {
      return undefined;
    }
    if (Buffer.compare(requestHash, found.requestHash) !== 0) {
      throw requestIdReused();
    }
    if (found.state !== "PENDING" || (await isLeftToResolver(database, found.purchaseId))) {
      return found;
    }
    const waitMs = backoffMs(attempt, lookAgain);
    if (Date.now() + waitMs + answerMarginMs > deadlineMs) {
      throw stillRunning(found.purchaseId);
    }
    await delay(waitMs, undefined, { signal });
  }
}

/** Whether the call that created a pending purchase works on it no more. */
async function isLeftToResolver(database: Database, purchaseId: string): Promise<boolean> {
  const task = await findTask(database, purchaseTask, purchaseId);
  // Without a task the purchase has ended since it was read.
  return task !== undefined && !(task.isClaimed && task.attempts === 1);
}

async function quote({ clients }: App, request: PurchaseQuestionsRequest, context: Context): Promise<Price> {
  if (!request.consentToImmediateUse) {
    throw consentRequired();
  }
  const active = requireActiveUser(clients.users, context);
  const quoted = quoteBasket(clients, basketOf(request), context);
  await Promise.allSettled([active, quoted]);
  await active;
  const price = await quoted;
  if (request.expectedAmountPoints !== undefined && request.expectedAmountPoints !== price.amountPoints) {
    throw priceChanged(price.amountPoints);
  }
  return price;
}

/** Transaction 1: the purchase, and the claim of this call on it. Returns undefined where the request id is taken. */
function open({ database, instance, config }: App, opened: NewPurchase): Promise<Opened | undefined> {
  const { claimMs } = config.purchase;
  return database.transaction(async tx => {
    const purchase = await insertPurchase(tx, opened);
    return (
      purchase && {
        purchase,
        task: await startTask(tx, purchaseTask, opened.purchaseId, { instance, claimMs }),
      }
    );
  });
}

interface Opened {
  readonly purchase: Purchase;
  readonly task: Task;
}

function answer(purchase: Purchase) {
  if (purchase.state === "CANCELLED") {
    throw cancelledPurchase(purchase);
  }
  return { purchase: toPurchase(purchase) };
}

// The amount that the buyer saw is part of the request; the answer to a repeat must not depend on another amount.
function hashOf(request: PurchaseQuestionsRequest): Buffer {
  return createHash("sha256")
    .update(toBinary(BasketSchema, basketOf(request)))
    .update(`expected ${request.expectedAmountPoints ?? "any"}`)
    .digest();
}

function basketOf({ basket }: PurchaseQuestionsRequest): Basket {
  if (basket === undefined) {
    throw new TypeError("the contract requires a basket");
  }
  return basket;
}

function requirePurchase(purchase: Purchase | undefined): Purchase {
  if (purchase === undefined) {
    throw purchaseNotFound();
  }
  return purchase;
}
