import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

export const notFound = () => new Failure(Reason.NOT_FOUND);
export const noBoardAccess = (questionId: bigint) =>
  new Failure(Reason.NO_BOARD_ACCESS, { metadata: { question_id: questionId.toString() } });
export const tooManyComments = () => new Failure(Reason.TOO_MANY_COMMENTS);
export const editConflict = () => new Failure(Reason.EDIT_CONFLICT);
export const requestIdReused = () => new Failure(Reason.IDEMPOTENCY_KEY_REUSED);
export const uploadNotFound = () => new Failure(Reason.UPLOAD_NOT_FOUND);
