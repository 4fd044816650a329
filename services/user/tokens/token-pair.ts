import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TokenPairSchema } from "#gen/questioncloud/user/v1/auth_pb.ts";
import type { Context } from "#kit/contract/context.ts";
import type { App } from "../app.ts";
import { formatRefreshToken, type RefreshToken } from "../domain/refresh-token.ts";
import type { User } from "../domain/user.ts";
import { toTokenPair } from "../to-proto.ts";
import { setRefreshCookie } from "./refresh-cookie.ts";

/** A session that was started or refreshed. */
export interface GrantedSession extends Pick<User, "userId" | "role"> {
  readonly token: RefreshToken;
  readonly expireTime: Date;
}

/** Signs an access token and returns both tokens; with `useCookie` the refresh token is set as a cookie instead. */
export async function issueTokenPair(
  { signAccessToken, config }: TokenPairDependencies,
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
      secure: config.sessions.secureCookie,
    });
  }
  return toTokenPair(access, { token: useCookie ? "" : refreshToken, expireTime: session.expireTime });
}

export type TokenPairDependencies = Pick<App, "signAccessToken" | "config">;
