import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

const ofQuestion = (reason: Reason, questionId: bigint) =>
  new Failure(reason, { metadata: { question_id: questionId.toString() } });

export const reviewNotFound = () => new Failure(Reason.NOT_FOUND);
export const editConflict = () => new Failure(Reason.EDIT_CONFLICT);
export const reviewHidden = () => new Failure(Reason.HIDDEN_REVIEW);
export const ownReview = () => new Failure(Reason.OWN_REVIEW);
export const alreadyReported = () => new Failure(Reason.ALREADY_REPORT_REVIEW);
export const notQuestionCreator = () => new Failure(Reason.NOT_QUESTION_CREATOR);
export const questionUnavailable = (questionId: bigint) =>
  ofQuestion(Reason.UNAVAILABLE_QUESTION, questionId);
export const ownQuestion = (questionId: bigint) => ofQuestion(Reason.OWN_QUESTION_REVIEW, questionId);
export const questionNotOwned = (questionId: bigint) => ofQuestion(Reason.NOT_OWNED_QUESTION, questionId);
export const alreadyReviewed = (questionId: bigint) => ofQuestion(Reason.ALREADY_REGISTER_REVIEW, questionId);
