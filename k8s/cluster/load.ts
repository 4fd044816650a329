import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { payAtPage } from "#dev/demo/payment-page.ts";
import { createPublicApi, type PublicApi } from "#dev/demo/public-api.ts";
import { reasonOf } from "#dev/demo/refusal.ts";
import { logIn } from "#dev/sample/accounts.ts";
import { sampleStudents } from "#dev/sample/people.ts";
import { PaymentService, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";

/** Calls of one kind. */
interface Tally {
  readonly latenciesMs: number[];
  readonly failures: string[];
  /** Answers that a rule explains: the buyer owns the question, or has not enough points. */
  refused: number;
  /** When and why calls were repeated with the same request id, as a client does. */
  readonly repeats: string[];
}

/** Calls at a steady rate, which do not wait for one another. */
interface Load {
  readonly tallies: ReadonlyMap<string, Tally>;
  /** Waits for the calls in flight. */
  stop(): Promise<void>;
}

interface Buyer {
  readonly email: string;
  token: string;
  /** Questions that are still to be bought. */
  readonly wanted: bigint[];
}

const loginEveryMs = 120_000;
// The last one: an earlier attempt is running, or its replica died and its claim has not ended yet.
const unanswered = /^(DEADLINE_EXCEEDED|SERVICE_UNAVAILABLE|IDEMPOTENCY_IN_PROGRESS)$/;
const repeatAfterMs = 5000;
const pageSize = 50;
const everyMs = { reads: 200, purchases: 1000, charges: 3000 };

/** Reads, buys and charges points at the gateway. What a rule refuses is an answer; else a call that fails counts. */
export async function startLoad(gatewayUrl: string): Promise<Load> {
  const api = createPublicApi({ urlOf: () => gatewayUrl });
  const buyers = await openBuyers(api);
  const tallies = new Map<string, Tally>();
  const running = new Set<Promise<void>>();
  let turn = 0;
  const next = () => buyers[turn++ % buyers.length] as Buyer;
  const calls: Record<keyof typeof everyMs, (tally: Tally) => Promise<unknown>> = {
    reads: () => api.client(StoreService).listQuestions({ pageSize }),
    purchases: tally => buyNext(api, next(), tally),
    charges: () => charge(api, next(), ChargePackage.C),
  };
  const timers = Object.entries(calls).map(([kind, call]) => {
    const tally: Tally = { latenciesMs: [], failures: [], refused: 0, repeats: [] };
    tallies.set(kind, tally);
    return setInterval(
      () => {
        const one = measure(tally, () => call(tally)).finally(() => running.delete(one));
        running.add(one);
      },
      everyMs[kind as keyof typeof everyMs],
    );
  });
  timers.push(
    setInterval(() => void Promise.allSettled(buyers.map(buyer => renew(api, buyer))), loginEveryMs),
  );
  return {
    tallies,
    async stop() {
      for (const timer of timers) {
        clearInterval(timer);
      }
      await Promise.all(running);
    },
  };
}

/** Prints what became of the calls of each kind, and returns how many failed for good. */
export function report({ tallies }: Load): number {
  let failed = 0;
  for (const [kind, { latenciesMs, failures, refused, repeats }] of tallies) {
    const sorted = latenciesMs.toSorted((one, other) => one - other);
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    const without = `${refused} refused by a rule, ${repeats.length} repeated, ${failures.length} failed`;
    process.stdout.write(
      `${kind}: ${sorted.length} answered, ${without}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
    );
    process.stdout.write(repeats.map(line => `  repeated: ${line}\n`).join(""));
    process.stdout.write(failures.map(line => `  failed: ${line}\n`).join(""));
    failed += failures.length;
  }
  return failed;
}

async function openBuyers(api: PublicApi): Promise<Buyer[]> {
  const { questions } = await api.client(StoreService).listQuestions({ pageSize });
  const ids = questions.map(({ questionId }) => questionId);
  const buyers = sampleStudents.map(({ email }) => ({ email, token: "", wanted: [...ids] }));
  for (const buyer of buyers) {
    await renew(api, buyer);
    await charge(api, buyer, ChargePackage.D);
  }
  return buyers;
}

async function renew(api: PublicApi, buyer: Buyer): Promise<void> {
  buyer.token = await logIn(api, buyer.email);
}

async function measure(tally: Tally, call: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  try {
    await call();
    tally.latenciesMs.push(performance.now() - startMs);
  } catch (error) {
    if (/^(ALREADY_OWN_QUESTION|OWN_QUESTION|NOT_ENOUGH_POINT)$/.test(reasonOf(error) ?? "")) {
      tally.refused += 1;
    } else {
      tally.failures.push(`${new Date().toISOString()} ${textOf(error)}`);
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Buys one question, and asks again with the same request id while no answer comes. */
async function buyNext(api: PublicApi, buyer: Buyer, tally: Tally): Promise<void> {
  const questionId = buyer.wanted.pop();
  if (questionId === undefined) {
    throw new Error("the buyers own every question: shorten the run");
  }
  const request = {
    requestId: randomUUID(),
    basket: { lines: [{ questionId }] },
    consentToImmediateUse: true,
  };
  const buy = () => api.client(PaymentService, buyer.token).purchaseQuestions(request);
  const again = async (error: unknown) => {
    if (reasonOf(error) !== undefined && !unanswered.test(reasonOf(error) ?? "")) {
      throw error;
    }
    tally.repeats.push(`${new Date().toISOString()} ${textOf(error)}`);
    await sleep(repeatAfterMs);
    return buy();
  };
  const { purchase } = await buy().catch(again).catch(again);
  if (purchase?.state === PurchaseState.CANCELLED) {
    throw new Error(`a purchase was cancelled: ${purchase.cancelReason}`);
  }
}

/** Orders points, pays and confirms. */
async function charge(api: PublicApi, buyer: Buyer, pack: ChargePackage): Promise<void> {
  const points = api.client(PointService, buyer.token);
  const answer = await points.createCharge({ requestId: randomUUID(), package: pack });
  const { paymentKey, amountPoints } = await payAtPage(answer.checkout?.url ?? "");
  await points.confirmCharge({ chargeId: answer.charge?.chargeId ?? "", paymentKey, amountPoints });
}
