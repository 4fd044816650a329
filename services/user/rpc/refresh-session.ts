import type { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import type { Context } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endFamily, lockSession, rotateToken } from "../db/sessions.ts";
import { findUser } from "../db/users.ts";
import { decideRefresh, refreshUseOf } from "../domain/refresh-decision.ts";
import { hashSecret, parseRefreshToken, type RefreshToken, successorOf } from "../domain/refresh-token.ts";
import { notActive, wrongRefreshToken } from "../failures.ts";
import { clearRefreshCookie, readRefreshCookie } from "../tokens/refresh-cookie.ts";
import { type GrantedSession, issueTokenPair, type TokenPairDependencies } from "../tokens/token-pair.ts";

export function refreshSession(app: Dependencies): Handler<typeof AuthService.method.refreshSession> {
  const { database, log, config } = app;
  return async ({ refreshToken }, context) => {
    const useCookie = refreshToken === "";
    const presented = parseRefreshToken(useCookie ? readRefreshCookie(context) : refreshToken);
    // Returned instead of thrown: the end of a session must be committed although the call is refused.
    const outcome =
      presented && (await database.transaction(tx => useToken(tx, presented, config.sessions, context)));
    if (outcome === undefined) {
      throw wrongRefreshToken();
    }
    if (outcome.kind === "granted") {
      return { tokens: await issueTokenPair(app, outcome.session, useCookie, context) };
    }
    if (outcome.kind === "ended") {
      log.warn(
        { userId: outcome.userId.toString(), sessionId: outcome.sessionId },
        "session ended, a replaced refresh token was used",
      );
    }
    // Only now: a refusal while the session is open would take from the browser what another tab was just given.
    if (useCookie) {
      clearRefreshCookie(context, config.sessions.secureCookie);
    }
    throw outcome.kind === "shutOut" ? notActive() : wrongRefreshToken();
  };
}

type Outcome =
  | { readonly kind: "granted"; readonly session: GrantedSession }
  | { readonly kind: "ended"; readonly userId: bigint; readonly sessionId: string }
  | { readonly kind: "refused" | "shutOut" };

/** Uses a token of a session, which is over if nothing is granted. Returns undefined where there is no such session. */
async function useToken(
  tx: Tx,
  presented: RefreshToken,
  { graceMs, lifetimeDays }: App["config"]["sessions"],
  { signal }: Context,
): Promise<Outcome | undefined> {
  const session = await lockSession(tx, presented);
  const user = session && (await findUser(tx, session.userId));
  if (session === undefined || user === undefined) {
    return undefined;
  }
  const { sessionId, seed, now } = session;
  const { userId, role } = user;
  const token = successorOf(presented, seed);
  const decision = decideRefresh(
    refreshUseOf(session, {
      secretHash: hashSecret(presented.secret),
      now,
      graceMs,
      userIsActive: user.status === "ACTIVE",
    }),
  );
  switch (decision) {
    case "rotate": {
      const expireTime = await rotateToken(tx, sessionId, { next: token, lifetimeDays });
      return { kind: "granted", session: { userId, role, token, expireTime } };
    }
    case "repeat":
      return { kind: "granted", session: { userId, role, token, expireTime: session.expireTime } };
    case "end":
      // A caller who hung up may have sent it in time, to a replica that hung: another one has answered since.
      signal.throwIfAborted();
      await endFamily(tx, presented);
      return { kind: "ended", userId, sessionId };
    case "refuse":
      return { kind: "refused" };
    case "shutOut":
      return { kind: "shutOut" };
  }
}

type Dependencies = Pick<App, "database" | "log"> & TokenPairDependencies;
