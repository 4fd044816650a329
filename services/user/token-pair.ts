import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { TokenPairSchema } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Context } from "#kit/context.ts";
import type { AccessClaims, AccessTokenSigner } from "./access-token.ts";
import type { UserConfig } from "./config.ts";
import { setRefreshCookie } from "./refresh-cookie.ts";
import { formatRefreshToken, type RefreshToken } from "./refresh-token.ts";

/** A session whose tokens are due to its user. */
export interface GrantedSession extends AccessClaims {
  readonly token: RefreshToken;
  readonly expireTime: Date;
}

/** The tokens of a session as the answer carries them; the refresh token travels as a cookie where the client wants that. */
export async function toTokenPair(
  { signAccessToken, userConfig }: TokenPairDependencies,
  session: GrantedSession,
  useCookie: boolean,
  context: Context,
): Promise<MessageInitShape<typeof TokenPairSchema>> {
  const access = await signAccessToken(session);
  const refreshToken = formatRefreshToken(session.token);
  if (useCookie) {
    setRefreshCookie(context, {
      token: refreshToken,
      lifetimeSeconds: Math.max(0, Math.floor((session.expireTime.getTime() - Date.now()) / 1000)),
      secure: userConfig.USER_COOKIE_SECURE,
    });
  }
  return {
    accessToken: access.token,
    accessExpireTime: timestampFromDate(access.expireTime),
    refreshToken: useCookie ? "" : refreshToken,
    refreshExpireTime: timestampFromDate(session.expireTime),
  };
}

export interface TokenPairDependencies {
  readonly signAccessToken: AccessTokenSigner;
  readonly userConfig: Pick<UserConfig, "USER_COOKIE_SECURE">;
}
