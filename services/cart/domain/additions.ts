import { MergeOutcome } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { Availability } from "#gen/questioncloud/question/v1/question_pb.ts";

/** As many lines as one purchase can have, so that what is in a cart can be bought at once. */
export const capacityLines = 50;

/** A question that is to be added. */
interface Candidate {
  readonly questionId: bigint;
  readonly availability: Availability;
}

/** What becomes of a question that is to be added. */
export interface Addition {
  readonly questionId: bigint;
  readonly outcome: MergeOutcome;
}

/** Decides, in the order of the candidates, what becomes of each in a cart that already has `inCart`. */
export function planAdditions(candidates: readonly Candidate[], inCart: ReadonlySet<bigint>): Addition[] {
  let freeLines = capacityLines - inCart.size;
  return candidates.map(({ questionId, availability }) => {
    const outcome = outcomeOf(availability, inCart.has(questionId), freeLines > 0);
    freeLines -= outcome === MergeOutcome.ADDED ? 1 : 0;
    return { questionId, outcome };
  });
}

function outcomeOf(availability: Availability, isInCart: boolean, hasRoom: boolean): MergeOutcome {
  if (availability === Availability.UNAVAILABLE) {
    return MergeOutcome.UNAVAILABLE;
  }
  if (isInCart) {
    return MergeOutcome.ALREADY_IN_CART;
  }
  if (availability === Availability.OWNED) {
    return MergeOutcome.OWNED;
  }
  if (availability === Availability.OWN_QUESTION) {
    return MergeOutcome.OWN_QUESTION;
  }
  return hasRoom ? MergeOutcome.ADDED : MergeOutcome.CART_FULL;
}
