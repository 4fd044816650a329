import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { chargePoints } from "../demo/charging.ts";
import { payAtPage } from "../demo/payment-page.ts";
import { type Person, signUp } from "../demo/signing-up.ts";
import type { Stage } from "../demo/stage.ts";
import { waitFor } from "../demo/wait.ts";

/** What was done while the load ran. */
export interface Load {
  readonly done: { charges: number; purchases: number };
  /** From now on those who charged during the dumps buy as well. */
  spendAll(): void;
  /** Waits until what is in flight has ended; fails where something failed. */
  stop(): Promise<void>;
}

const buyersBefore = 8;
const pauseMs = 200;

/**
 * Users who sign up and charge points with money, and users who charge again, one after the other, and buyers with
 * points who buy questions and review one. Points that were charged and spent between two dumps are lost to point and
 * known to pay; those charged after the last dump are known to the PSP alone.
 */
export async function startLoad(stage: Stage, questionIds: readonly bigint[]): Promise<Load> {
  const done = { charges: 0, purchases: 0 };
  const rich: Person[] = [];
  const charged: Person[] = [];
  const join = async () => {
    const buyer = await signUp(stage, "박수험");
    await chargePoints(stage, buyer);
    done.charges += 1;
    return buyer;
  };
  const regulars = await Promise.all(Array.from({ length: buyersBefore }, join));
  rich.push(...regulars);
  const chargeInTurn = async () => {
    charged.push(await join());
    const [regular] = regulars.splice(0, 1);
    if (regular !== undefined) {
      await chargeAgain(stage, regular);
      done.charges += 1;
      regulars.push(regular);
    }
  };
  let stopping = false;
  const loop = async (work: () => Promise<unknown>) => {
    while (!stopping) {
      await work();
    }
  };
  const buy = async () => {
    const buyer = rich.shift();
    if (buyer !== undefined) {
      done.purchases += await buyOnce(stage, buyer, questionIds);
    }
    await delay(pauseMs);
  };
  const ended = Promise.all([loop(chargeInTurn), loop(buy)]);
  // A failure is reported when the load is stopped.
  ended.catch(() => {});
  return {
    done,
    spendAll: () => rich.push(...charged),
    async stop() {
      stopping = true;
      await ended;
    },
  };
}

/** The story of the demo ends with what was charged in the wallet; this buyer has more. */
async function chargeAgain(stage: Stage, buyer: Person): Promise<void> {
  const points = stage.api.client(PointService, buyer.token);
  const { checkout } = await points.createCharge({ requestId: randomUUID(), package: ChargePackage.C });
  const { chargeId, paymentKey, amountPoints } = await payAtPage(checkout?.url ?? "");
  await points.confirmCharge({ chargeId, paymentKey, amountPoints });
}

async function buyOnce(stage: Stage, buyer: Person, questionIds: readonly bigint[]): Promise<number> {
  const payments = stage.api.client(PaymentService, buyer.token);
  for (const questionId of questionIds) {
    const basket = { lines: [{ questionId }] };
    await payments.purchaseQuestions({ requestId: randomUUID(), basket, consentToImmediateUse: true });
  }
  const [questionId = 0n] = questionIds;
  const reviews = stage.api.client(ReviewService, buyer.token);
  await waitFor("a review, which only an owner may write", () =>
    reviews.createReview({ questionId, content: { rate: 5, comment: "좋아요" } }).catch(() => undefined),
  );
  return questionIds.length;
}
