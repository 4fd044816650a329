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
export const failSocialLogin = (cause?: Error) => new Failure(Reason.FAIL_SOCIAL_LOGIN, { cause });
export const socialConsentRefused = () => new Failure(Reason.SOCIAL_CONSENT_REFUSED);
export const socialProviderUnavailable = (cause: Error) =>
  new Failure(Reason.SOCIAL_PROVIDER_UNAVAILABLE, { cause });
export const socialProviderOff = () => new Failure(Reason.SOCIAL_PROVIDER_OFF);
export const socialEmailRequired = () => new Failure(Reason.SOCIAL_EMAIL_REQUIRED);
export const socialEmailTaken = () => new Failure(Reason.SOCIAL_EMAIL_TAKEN);
export const socialAccountNotFound = () => new Failure(Reason.NOT_FOUND);
export const alreadyLinked = () => new Failure(Reason.ALREADY_LINKED_SOCIAL_ACCOUNT);
export const lastLoginMethod = () => new Failure(Reason.LAST_LOGIN_METHOD);
export const noPassword = () => new Failure(Reason.NOT_PASSWORD_SUPPORT_ACCOUNT);
export const tooManyPasswords = () => new Failure(Reason.SERVICE_UNAVAILABLE, { retryAfterMs: 2000 });
