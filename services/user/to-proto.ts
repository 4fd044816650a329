import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { AccountRequestRecordSchema, MailRecordSchema } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { SessionSchema, TokenPairSchema } from "#gen/questioncloud/user/v1/auth_pb.ts";
import type { ProfileSchema } from "#gen/questioncloud/user/v1/profile_pb.ts";
import {
  type SocialAccountSchema,
  SocialProvider,
  type SocialSignUpSchema,
} from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { AdminUserSchema } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import {
  type PublicUserSchema,
  PublicUserState,
  Role,
  UserStatus,
} from "#gen/questioncloud/user/v1/user_pb.ts";
import type { AccountRequest } from "./domain/account-request.ts";
import type { Mail } from "./domain/mail.ts";
import type { Session } from "./domain/session.ts";
import { maskEmail, type SocialAccount } from "./domain/social.ts";
import type { User } from "./domain/user.ts";

/** A user's own profile. */
export function toProfile(user: User): MessageInitShape<typeof ProfileSchema> {
  const { userId, email, name, phone, profileImageUrl } = user;
  return { userId, email, name, phone, profileImageUrl, ...toRoleAndTime(user) };
}

/** A user as an administrator sees them. */
export function toAdminUser(user: User): MessageInitShape<typeof AdminUserSchema> {
  const { userId, email, name, status } = user;
  return { userId, email, name, status: UserStatus[status], ...toRoleAndTime(user) };
}

/** A user as everyone may see them. One who is not there has withdrawn. */
export function toPublicUser(user: User | undefined): MessageInitShape<typeof PublicUserSchema> {
  if (user === undefined) {
    return { state: PublicUserState.WITHDRAWN };
  }
  const { name, profileImageUrl, status } = user;
  const state = PublicUserState[status];
  return state === PublicUserState.ACTIVE ? { name, profileImageUrl, state } : { state };
}

function toRoleAndTime({ role, createTime }: User) {
  return { role: Role[role], createTime: timestampFromDate(createTime) };
}

export function toMailRecord(mail: Mail): MessageInitShape<typeof MailRecordSchema> {
  const { template, state, createTime, finishTime } = mail;
  return { template, state, createTime: timestampFromDate(createTime), ...at("finishTime", finishTime) };
}

export function toRequestRecord(
  request: AccountRequest,
): MessageInitShape<typeof AccountRequestRecordSchema> {
  const { kind, email, previousEmail, createTime, confirmTime } = request;
  return {
    kind,
    email: email ?? "",
    previousEmail: previousEmail ?? "",
    createTime: timestampFromDate(createTime),
    ...at("confirmTime", confirmTime),
  };
}

/** A time that is absent where it is null. */
function at<Name extends string>(name: Name, time: Date | null) {
  return (time === null ? {} : { [name]: timestampFromDate(time) }) as { [N in Name]?: Timestamp };
}

export function toSession(session: Session): MessageInitShape<typeof SessionSchema> {
  const { sessionId, userAgent, createTime, refreshTime, expireTime } = session;
  return {
    sessionId,
    userAgent,
    createTime: timestampFromDate(createTime),
    refreshTime: timestampFromDate(refreshTime),
    expireTime: timestampFromDate(expireTime),
  };
}

export function toTokenPair(
  access: ExpiringToken,
  refresh: ExpiringToken,
): MessageInitShape<typeof TokenPairSchema> {
  return {
    accessToken: access.token,
    accessExpireTime: timestampFromDate(access.expireTime),
    refreshToken: refresh.token,
    refreshExpireTime: timestampFromDate(refresh.expireTime),
  };
}

export function toSocialAccount({
  provider,
  createTime,
}: SocialAccount): MessageInitShape<typeof SocialAccountSchema> {
  return { provider: SocialProvider[provider], createTime: timestampFromDate(createTime) };
}

export function toSocialSignUp(
  { name, email }: { readonly name: string; readonly email: string },
  { token, expireTime }: ExpiringToken,
): MessageInitShape<typeof SocialSignUpSchema> {
  return {
    registerToken: token,
    expireTime: timestampFromDate(expireTime),
    name,
    maskedEmail: maskEmail(email),
  };
}

interface ExpiringToken {
  readonly token: string;
  readonly expireTime: Date;
}
