import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

export const creatorNotFound = () => new Failure(Reason.NOT_FOUND);
export const notSubscribed = () => new Failure(Reason.NOT_FOUND);
export const alreadySubscribed = () => new Failure(Reason.ALREADY_SUBSCRIBE_CREATOR);
export const ownCreator = () => new Failure(Reason.OWN_CREATOR);
export const tooManySubscriptions = (limit: number) =>
  new Failure(Reason.TOO_MANY_SUBSCRIPTIONS, { metadata: { limit: limit.toString() } });
