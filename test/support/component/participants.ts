import { create } from "@bufbuild/protobuf";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CouponScope, DiscountKind, UserCouponSchema } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { QuestionSnapshotSchema } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Clients } from "#services/pay/app.ts";

export const participantNames = ["entitlements", "coupons", "points"] as const;
export type ParticipantName = (typeof participantNames)[number];
type StepName = "reserve" | "confirm" | "release";

/**
 * What a participant does with one call: `refuse` decides against it; `unreachable` does nothing and fails; `lost`
 * does it, and its answer is lost; `hang` does nothing until the caller gives up; `late` does it and answers after
 * the caller gave up; `crash before` and `crash after` end the calling process before and after the step.
 */
export type Behavior = "refuse" | "unreachable" | "lost" | "hang" | "late" | "crash before" | "crash after";

/** The other services of a purchase, in memory: each participant holds, confirms and releases once per purchase id. */
export interface FakeParticipants {
  readonly clients: Clients;
  /** Sets the behavior of the next call of a step. */
  script(participant: ParticipantName, step: StepName, behavior: Behavior): void;
  /** What a participant holds for a purchase now; undefined for nothing. */
  stateOf(participant: ParticipantName, purchaseId: string): ReservationState | undefined;
}

type ReservationState = "RESERVED" | "CONFIRMED" | "RELEASED";

const pricePoints = 10_000n;
const couponPoints = 1_000n;

/** Makes participants; `crash` ends the process that calls them. */
export function createFakeParticipants(crash: () => void): FakeParticipants {
  const states = new Map<string, ReservationState>();
  const scripts = new Map<string, Behavior>();
  const keyOf = (participant: ParticipantName, purchaseId: string) => `${participant} ${purchaseId}`;

  async function step(
    participant: ParticipantName,
    name: StepName,
    purchaseId: string,
    context: WorkContext,
  ): Promise<object> {
    const place = `${participant} ${name}`;
    const behavior = scripts.get(place);
    scripts.delete(place);
    if (behavior === "refuse") {
      throw new Failure(Reason.NOT_ENOUGH_POINT, { metadata: { participant } });
    }
    if (behavior === "crash before") {
      crash();
    }
    if (behavior === "unreachable" || behavior === "crash before") {
      throw new Failure(Reason.SERVICE_UNAVAILABLE);
    }
    if (behavior !== "hang") {
      apply(participant, name, purchaseId);
    }
    if (behavior === "crash after") {
      crash();
    }
    if (behavior === "lost" || behavior === "crash after") {
      throw new Failure(Reason.SERVICE_UNAVAILABLE);
    }
    if (behavior === "hang" || behavior === "late") {
      // As a service client, which knows the deadline of work that has no signal.
      await aborted(context.signal ?? AbortSignal.timeout(context.deadlineMs - Date.now()));
      throw new Failure(Reason.DEADLINE_EXCEEDED);
    }
    return {};
  }

  function apply(participant: ParticipantName, name: StepName, purchaseId: string): void {
    const key = keyOf(participant, purchaseId);
    const state = states.get(key);
    if (name === "reserve") {
      if (state === "RELEASED") {
        throw new Failure(Reason.RESERVATION_RELEASED);
      }
      states.set(key, state ?? "RESERVED");
    } else if (name === "confirm") {
      if (state === undefined || state === "RELEASED") {
        throw new Failure(state === undefined ? Reason.NOT_FOUND : Reason.RESERVATION_RELEASED);
      }
      states.set(key, "CONFIRMED");
    } else {
      if (state === "CONFIRMED") {
        throw new Failure(Reason.RESERVATION_CONFIRMED);
      }
      states.set(key, "RELEASED");
    }
  }

  const ends = (participant: ParticipantName) => ({
    confirmReservation: ({ reservationId = "" }: { reservationId?: string }, context: WorkContext) =>
      step(participant, "confirm", reservationId, context),
    releaseReservation: ({ reservationId = "" }: { reservationId?: string }, context: WorkContext) =>
      step(participant, "release", reservationId, context),
  });
  const reserve = (participant: ParticipantName) => {
    return ({ purchaseId = "" }: { purchaseId?: string }, context: WorkContext) =>
      step(participant, "reserve", purchaseId, context);
  };
  const clients = {
    catalog: {
      quoteQuestions: async ({ questionIds = [] }: { questionIds?: bigint[] }) => ({
        questions: questionIds.map(snapshotOf),
      }),
    },
    coupons: {
      getCouponTerms: async ({ userCouponIds = [] }: { userCouponIds?: bigint[] }) => ({
        coupons: userCouponIds.map(couponOf),
      }),
      reserveCoupons: reserve("coupons"),
    },
    entitlements: { reserveEntitlements: reserve("entitlements") },
    wallet: { reservePoints: reserve("points") },
    entitlementReservations: ends("entitlements"),
    couponReservations: ends("coupons"),
    pointReservations: ends("points"),
    users: { getUserStatus: async () => ({ status: UserStatus.ACTIVE }) },
  };
  return {
    clients: clients as unknown as Clients,
    script: (participant, name, behavior) => scripts.set(`${participant} ${name}`, behavior),
    stateOf: (participant, purchaseId) => states.get(keyOf(participant, purchaseId)),
  };
}

function snapshotOf(questionId: bigint) {
  const offer = { pricePoints, offerPricePoints: pricePoints };
  return create(QuestionSnapshotSchema, { questionId, version: 1, title: "수열", creatorId: 7n, ...offer });
}

function couponOf(userCouponId: bigint) {
  const terms = { title: "천 점", scope: CouponScope.LINE, kind: DiscountKind.FIXED, value: couponPoints };
  return create(UserCouponSchema, { userCouponId, terms });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
