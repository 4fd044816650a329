import { MergeOutcome } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { type Addition, capacityLines } from "./domain/additions.ts";

const reasons: ReadonlyMap<MergeOutcome, Reason> = new Map([
  [MergeOutcome.UNAVAILABLE, Reason.UNAVAILABLE_QUESTION],
  [MergeOutcome.ALREADY_IN_CART, Reason.ALREADY_IN_CART],
  [MergeOutcome.OWNED, Reason.ALREADY_OWN_QUESTION],
  [MergeOutcome.OWN_QUESTION, Reason.OWN_QUESTION],
  [MergeOutcome.CART_FULL, Reason.CART_FULL],
]);

/** Why a question was not added; undefined if it was. */
export function refusalOf({ questionId, outcome }: Addition): Failure | undefined {
  const reason = reasons.get(outcome);
  const metadata =
    reason === Reason.CART_FULL ? { limit: String(capacityLines) } : { question_id: String(questionId) };
  return reason === undefined ? undefined : new Failure(reason, { metadata });
}
