import type { AuthService } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import type { UserConfig } from "../config.ts";
import { clearRefreshCookie, readRefreshCookie } from "../refresh-cookie.ts";
import { parseRefreshToken } from "../refresh-token.ts";
import { endFamily } from "../store/sessions.ts";

export function logout({ database, userConfig }: Dependencies): Handler<typeof AuthService.method.logout> {
  return async ({ refreshToken }, context) => {
    const useCookie = refreshToken === "";
    const token = parseRefreshToken(useCookie ? readRefreshCookie(context) : refreshToken);
    if (token !== undefined) {
      await endFamily(database, token);
    }
    if (useCookie) {
      clearRefreshCookie(context, userConfig.USER_COOKIE_SECURE);
    }
    return {};
  };
}

type Dependencies = Pick<Floor, "database"> & { readonly userConfig: Pick<UserConfig, "USER_COOKIE_SECURE"> };
