import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

export const notFound = () => new Failure(Reason.NOT_FOUND);
export const noBoardAccess = (questionId: bigint) =>
  new Failure(Reason.NO_BOARD_ACCESS, { metadata: { question_id: questionId.toString() } });
export const tooManyComments = () => new Failure(Reason.TOO_MANY_COMMENTS);
export const editConflict = () => new Failure(Reason.EDIT_CONFLICT);
export const requestIdReused = () => new Failure(Reason.IDEMPOTENCY_KEY_REUSED);
export const tooManyPinnedPosts = (limit: number) =>
  new Failure(Reason.TOO_MANY_PINNED_POSTS, { metadata: { limit: limit.toString() } });
export const ownPost = () => new Failure(Reason.OWN_POST);
export const alreadyReported = () => new Failure(Reason.ALREADY_REPORT_POST);
export const uploadNotFound = () => new Failure(Reason.UPLOAD_NOT_FOUND);
