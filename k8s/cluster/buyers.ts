import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { payAtPage } from "#dev/demo/payment-page.ts";
import type { PublicApi } from "#dev/demo/public-api.ts";
import { reasonOf } from "#dev/demo/refusal.ts";
import { signUpOnce } from "#dev/sample/accounts.ts";
import { PaymentService, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";

/** Where buyers sign up and what is sold there. */
export interface Market {
  readonly api: PublicApi;
  readonly mailUrl: string;
  readonly questionIds: readonly bigint[];
}

/** A user who buys every question once. */
export interface Buyer {
  readonly email: string;
  token: string;
  /** Questions that are still to be bought. */
  readonly wanted: bigint[];
}

/** Makes a call, and repeats it at most twice while no answer comes. */
type Repeat = <T>(call: () => Promise<T>) => Promise<T>;

// The last one: an earlier attempt is running, or its replica died and its claim has not ended yet.
const unanswered = /^(DEADLINE_EXCEEDED|SERVICE_UNAVAILABLE|IDEMPOTENCY_IN_PROGRESS)$/;
const repeatAfterMs = 5000;

/** Repeats calls as a client does; `onRepeat` is told why. */
export function repeating(onRepeat: (error: unknown) => void): Repeat {
  return call => {
    const again = async (error: unknown) => {
      if (reasonOf(error) !== undefined && !unanswered.test(reasonOf(error) ?? "")) {
        throw error;
      }
      onRepeat(error);
      await sleep(repeatAfterMs);
      return call();
    };
    return call().catch(again).catch(again);
  };
}

/** Signs up and charges points for some dozens of questions. */
export async function becomeBuyer(market: Market, repeat: Repeat): Promise<Buyer> {
  const person = {
    email: `${randomUUID()}@load.questioncloud.example`,
    name: "박수험",
    phone: `010${String(randomInt(1e8)).padStart(8, "0")}`,
  };
  const token = await repeat(() => signUpOnce(market, person));
  const buyer = { email: person.email, token, wanted: [...market.questionIds] };
  await charge(market.api, buyer, ChargePackage.F, repeat);
  return buyer;
}

/** Buys one question, with the same request id in every repetition. */
export async function buyNext(api: PublicApi, buyer: Buyer, repeat: Repeat): Promise<void> {
  const questionId = buyer.wanted.pop() ?? 0n;
  const request = {
    requestId: randomUUID(),
    basket: { lines: [{ questionId }] },
    consentToImmediateUse: true,
  };
  const { purchase } = await repeat(() => api.client(PaymentService, buyer.token).purchaseQuestions(request));
  if (purchase?.state === PurchaseState.CANCELLED) {
    throw new Error(`a purchase was cancelled: ${purchase.cancelReason}`);
  }
}

/** Orders points, pays and confirms. */
export async function charge(
  api: PublicApi,
  buyer: Buyer,
  pack: ChargePackage,
  repeat: Repeat,
): Promise<void> {
  const points = api.client(PointService, buyer.token);
  const order = { requestId: randomUUID(), package: pack };
  const answer = await repeat(() => points.createCharge(order));
  const { paymentKey, amountPoints } = await payAtPage(answer.checkout?.url ?? "");
  const confirmation = { chargeId: answer.charge?.chargeId ?? "", paymentKey, amountPoints };
  await repeat(() => points.confirmCharge(confirmation));
}
