import type { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endFamily } from "../db/sessions.ts";
import { parseRefreshToken } from "../domain/refresh-token.ts";
import { clearRefreshCookie, readRefreshCookie } from "../tokens/refresh-cookie.ts";

export function logout({ database, config }: Dependencies): Handler<typeof AuthService.method.logout> {
  return async ({ refreshToken }, context) => {
    const useCookie = refreshToken === "";
    const token = parseRefreshToken(useCookie ? readRefreshCookie(context) : refreshToken);
    if (token !== undefined) {
      await endFamily(database, token);
    }
    if (useCookie) {
      clearRefreshCookie(context, config.sessions.secureCookie);
    }
    return {};
  };
}

type Dependencies = Pick<App, "database" | "config">;
