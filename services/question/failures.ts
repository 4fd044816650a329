import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

const ofQuestion = (reason: Reason, questionId: bigint) =>
  new Failure(reason, { metadata: { question_id: questionId.toString() } });

export const notCreator = () => new Failure(Reason.NOT_CREATOR);
export const notFound = () => new Failure(Reason.NOT_FOUND);
export const questionUnavailable = (questionId: bigint) =>
  ofQuestion(Reason.UNAVAILABLE_QUESTION, questionId);
export const questionAlreadyOwned = (questionId: bigint) =>
  ofQuestion(Reason.ALREADY_OWN_QUESTION, questionId);
export const ownQuestion = (questionId: bigint) => ofQuestion(Reason.OWN_QUESTION, questionId);
export const questionChanged = (questionId: bigint) => ofQuestion(Reason.QUESTION_CHANGED, questionId);
export const heldByAnotherPurchase = (questionId: bigint) =>
  ofQuestion(Reason.PURCHASE_IN_PROGRESS, questionId);
export const questionNotOwned = (questionId: bigint) => ofQuestion(Reason.NOT_OWNED_QUESTION, questionId);
export const editConflict = () => new Failure(Reason.EDIT_CONFLICT);
export const requestIdReused = () => new Failure(Reason.IDEMPOTENCY_KEY_REUSED);
export const wrongCategory = () => new Failure(Reason.WRONG_CATEGORY);
export const duplicateCategory = () => new Failure(Reason.DUPLICATE_CATEGORY);
export const questionNotReady = (missing: readonly string[]) =>
  new Failure(Reason.QUESTION_NOT_READY, { metadata: { missing: missing.join(",") } });
export const promotionConflict = () => new Failure(Reason.PROMOTION_CONFLICT);
export const wrongPromotionPrice = () => new Failure(Reason.WRONG_PROMOTION_PRICE);
export const serviceUnavailable = (cause: unknown) => new Failure(Reason.SERVICE_UNAVAILABLE, { cause });
export const wrongQuestionState = (state: string) =>
  new Failure(Reason.WRONG_QUESTION_STATE, { metadata: { state } });
