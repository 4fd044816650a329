import { Availability } from "#gen/questioncloud/question/v1/question_pb.ts";
import {
  heldByAnotherPurchase,
  ownQuestion,
  questionAlreadyOwned,
  questionChanged,
  questionUnavailable,
} from "../failures.ts";
import type { EntitlementState } from "./entitlement.ts";
import type { QuestionState } from "./question.ts";

/** What a user's purchase of a question depends on: may they buy it, and at which price. */
export interface Offer {
  readonly questionId: bigint;
  readonly version: number;
  readonly state: QuestionState;
  readonly creatorUserId: bigint;
  readonly pricePoints: bigint;
  /** The price of the active promotion; null without one. */
  readonly salePricePoints: bigint | null;
  /** The user's entitlement; null without one. */
  readonly entitlement: EntitlementState | null;
}

/** What was quoted. */
export interface QuotedLine {
  readonly questionId: bigint;
  readonly version: number;
  readonly offerPricePoints: bigint;
}

/** What a buyer pays without coupons; a promotion never raises the price. */
export function offerPricePoints({
  pricePoints,
  salePricePoints,
}: Pick<Offer, "pricePoints" | "salePricePoints">): bigint {
  return salePricePoints !== null && salePricePoints < pricePoints ? salePricePoints : pricePoints;
}

/** Whether a user can buy what is offered; undefined is a question that does not exist. */
export function availabilityOf(offer: Offer | undefined, userId: bigint): Availability {
  if (offer?.entitlement === "OWNED") {
    return Availability.OWNED;
  }
  if (offer?.creatorUserId === userId) {
    return Availability.OWN_QUESTION;
  }
  return offer?.state === "PUBLISHED" ? Availability.AVAILABLE : Availability.UNAVAILABLE;
}

/** The offers of the named questions, in that order; throws for the first that the user cannot buy. */
export function requireSellable<O extends Offer>(
  offers: readonly O[],
  questionIds: readonly bigint[],
  userId: bigint,
): O[] {
  return questionIds.map(questionId => {
    const offer = offers.find(each => each.questionId === questionId);
    const availability = availabilityOf(offer, userId);
    if (availability === Availability.OWNED) {
      throw questionAlreadyOwned(questionId);
    }
    if (availability === Availability.OWN_QUESTION) {
      throw ownQuestion(questionId);
    }
    if (offer === undefined || availability !== Availability.AVAILABLE) {
      throw questionUnavailable(questionId);
    }
    return offer;
  });
}

/**
 * The offers of the quoted lines, in that order; throws for the first that is not sold as quoted, or that another
 * purchase of the user holds.
 */
export function requireAsQuoted<O extends Offer>(
  offers: readonly O[],
  lines: readonly QuotedLine[],
  userId: bigint,
): O[] {
  const sellable = requireSellable(
    offers,
    lines.map(line => line.questionId),
    userId,
  );
  for (const [index, offer] of sellable.entries()) {
    const line = lines[index];
    if (offer.version !== line?.version || offerPricePoints(offer) !== line.offerPricePoints) {
      throw questionChanged(offer.questionId);
    }
    if (offer.entitlement === "RESERVED") {
      throw heldByAnotherPurchase(offer.questionId);
    }
  }
  return sellable;
}
