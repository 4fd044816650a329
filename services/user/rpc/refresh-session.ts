import type { AuthService } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Tx } from "#kit/database.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import type { UserConfig } from "../config.ts";
import { notActive, wrongRefreshToken } from "../failures.ts";
import { clearRefreshCookie, readRefreshCookie } from "../refresh-cookie.ts";
import { decideRefresh } from "../refresh-decision.ts";
import { parseRefreshToken, type RefreshToken, successorOf } from "../refresh-token.ts";
import { endFamily, lockSession, markRepeated, rotateToken } from "../store/sessions.ts";
import { findAccount } from "../store/users.ts";
import { type GrantedSession, type TokenPairDependencies, toTokenPair } from "../token-pair.ts";

export function refreshSession(
  dependencies: Dependencies,
): Handler<typeof AuthService.method.refreshSession> {
  const { database, log, userConfig } = dependencies;
  return async ({ refreshToken }, context) => {
    const useCookie = refreshToken === "";
    const refuse = (failure: Error): never => {
      if (useCookie) {
        clearRefreshCookie(context, userConfig.USER_COOKIE_SECURE);
      }
      throw failure;
    };
    const shown = parseRefreshToken(useCookie ? readRefreshCookie(context) : refreshToken);
    if (shown === undefined) {
      return refuse(wrongRefreshToken());
    }
    // The end of a session must be committed although the call is refused, so the outcome leaves the transaction as a value.
    const outcome = await database.transaction(tx => useToken(tx, shown, userConfig));
    if (outcome.kind === "granted") {
      return { tokens: await toTokenPair(dependencies, outcome.session, useCookie, context) };
    }
    if (outcome.kind === "ended") {
      log.warn(
        { userId: outcome.userId.toString(), sessionId: outcome.sessionId },
        "a replaced refresh token was used, its session is ended",
      );
    }
    return refuse(outcome.kind === "shutOut" ? notActive() : wrongRefreshToken());
  };
}

type Outcome =
  | { readonly kind: "granted"; readonly session: GrantedSession }
  | { readonly kind: "ended"; readonly userId: bigint; readonly sessionId: string }
  | { readonly kind: "refused" | "shutOut" };

async function useToken(tx: Tx, shown: RefreshToken, userConfig: UserConfig): Promise<Outcome> {
  const session = await lockSession(tx, shown, userConfig.USER_REFRESH_GRACE_MS);
  const account = session && (await findAccount(tx, session.userId));
  if (session === undefined || account === undefined) {
    return { kind: "refused" };
  }
  const { sessionId, userId, seed } = session;
  const decision = decideRefresh({ ...session, userIsActive: account.status === "ACTIVE" });
  if (decision === "refuse" || decision === "shutOut") {
    return { kind: decision === "refuse" ? "refused" : "shutOut" };
  }
  if (decision === "end") {
    await endFamily(tx, shown);
    return { kind: "ended", userId, sessionId };
  }
  const token = successorOf(shown, seed);
  if (decision === "repeat") {
    await markRepeated(tx, sessionId);
    return {
      kind: "granted",
      session: { userId, role: account.role, token, expireTime: session.expireTime },
    };
  }
  const lifetimeDays = userConfig.USER_REFRESH_LIFETIME_DAYS;
  const expireTime = await rotateToken(tx, sessionId, { next: token, lifetimeDays });
  return { kind: "granted", session: { userId, role: account.role, token, expireTime } };
}

type Dependencies = Pick<Floor, "database" | "log"> &
  TokenPairDependencies & { readonly userConfig: UserConfig };
