import { alreadyOwned, changed, heldByAnotherPurchase, ownQuestion, unavailable } from "./failures.ts";

/** What decides whether a user may buy a question, and for how much. */
export interface Offer {
  readonly questionId: bigint;
  readonly version: number;
  readonly state: "DRAFT" | "PUBLISHED" | "DELETED";
  readonly creatorUserId: bigint;
  readonly pricePoints: bigint;
  /** The promotion that runs now. */
  readonly promotion: { readonly salePricePoints: bigint } | undefined;
  /** What the user has of it. */
  readonly entitlement: "RESERVED" | "OWNED" | undefined;
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
  promotion,
}: Pick<Offer, "pricePoints" | "promotion">): bigint {
  return promotion !== undefined && promotion.salePricePoints < pricePoints
    ? promotion.salePricePoints
    : pricePoints;
}

/** The offers of the named questions in their order; refuses with the first that the user cannot buy. */
export function requireSellable<O extends Offer>(
  offers: readonly O[],
  questionIds: readonly bigint[],
  userId: bigint,
): O[] {
  return questionIds.map(questionId => {
    const offer = offers.find(each => each.questionId === questionId);
    if (offer?.entitlement === "OWNED") {
      throw alreadyOwned(questionId);
    }
    if (offer?.creatorUserId === userId) {
      throw ownQuestion(questionId);
    }
    if (offer?.state !== "PUBLISHED") {
      throw unavailable(questionId);
    }
    return offer;
  });
}

/** Refuses with the first question that is not sold as quoted, or that another purchase of the user holds. */
export function requireAsQuoted(
  offers: readonly Offer[],
  lines: readonly QuotedLine[],
  userId: bigint,
): void {
  const sellable = requireSellable(
    offers,
    lines.map(line => line.questionId),
    userId,
  );
  for (const [index, offer] of sellable.entries()) {
    const line = lines[index];
    if (offer.version !== line?.version || offerPricePoints(offer) !== line.offerPricePoints) {
      throw changed(offer.questionId);
    }
    if (offer.entitlement === "RESERVED") {
      throw heldByAnotherPurchase(offer.questionId);
    }
  }
}
