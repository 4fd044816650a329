import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

export const creatorNotFound = () => new Failure(Reason.NOT_FOUND);
export const notCreator = () => new Failure(Reason.NOT_CREATOR);
export const alreadyCreator = () => new Failure(Reason.ALREADY_REGISTER_CREATOR);
export const duplicateName = () => new Failure(Reason.DUPLICATE_CREATOR_NAME);
