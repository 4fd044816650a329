import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

export const userNotFound = () => new Failure(Reason.NOT_FOUND);
export const sessionNotFound = () => new Failure(Reason.NOT_FOUND);
export const activationTokenNotFound = () => new Failure(Reason.NOT_FOUND);
export const requestTokenNotFound = () => new Failure(Reason.NOT_FOUND);
export const commonPassword = () => new Failure(Reason.COMMON_PASSWORD);
export const wrongLogin = () => new Failure(Reason.FAIL_LOGIN);
export const notActive = () => new Failure(Reason.NOT_ACTIVE_USER);
export const wrongRefreshToken = () => new Failure(Reason.UNAUTHORIZED_TOKEN);
export const withdrawalNotCleared = () => new Failure(Reason.WITHDRAWAL_NOT_CLEARED);
export const adminCannotBeBanned = () => new Failure(Reason.FORBIDDEN);
export const tooManyPasswords = () => new Failure(Reason.SERVICE_UNAVAILABLE, { retryAfterMs: 2000 });
