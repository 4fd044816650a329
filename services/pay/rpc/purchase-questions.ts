import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";
import {
  BasketSchema,
  type PaymentService,
  type PurchaseQuestionsRequest,
} from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { type Context, userIdOf } from "#kit/contract/context.ts";
import { outliveCall } from "#kit/data/statement-deadline.ts";
import { findTask } from "#kit/data/task-state.ts";
import { startTask, type Task } from "#kit/data/tasks.ts";
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
    const repeated = () => findRepeated(app, userId, requestId, requestHash);

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
      return answer(required(await repeated()));
    }
    // From here on the work has its own deadline, and continues if the caller hangs up.
    const by = { task: opened.task, requestId: context.requestId };
    const ended = await outliveCall(() => workOnPurchase(app, opened.purchase, by));
    return answer(ended ?? required(await findPurchase(app.database, purchaseId)));
  };
}

/** The state of the purchase that an earlier call with this request id created; undefined without one. */
async function findRepeated(
  { database }: App,
  userId: bigint,
  requestId: string,
  requestHash: Buffer,
): Promise<Purchase | undefined> {
  const found = await findPurchaseByRequest(database, userId, requestId);
  if (found === undefined) {
    return undefined;
  }
  if (!requestHash.equals(found.requestHash)) {
    throw requestIdReused();
  }
  if (found.state === "PENDING") {
    const task = await findTask(database, purchaseTask, found.purchaseId);
    if (task === undefined) {
      // The first call ended between the two reads.
      return findPurchase(database, found.purchaseId);
    }
    const isFirstCallRunning = task.isClaimed && task.attempts === 1;
    if (isFirstCallRunning) {
      throw stillRunning(found.purchaseId);
    }
  }
  return found;
}

async function quote({ clients }: App, request: PurchaseQuestionsRequest, context: Context): Promise<Price> {
  if (!request.consentToImmediateUse) {
    throw consentRequired();
  }
  const active = requireActiveUser(clients.users, context);
  const quoted = quoteBasket(clients, required(request.basket), context);
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
