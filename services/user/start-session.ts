import type { Context } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { endOldestSessions, insertSession } from "./db/sessions.ts";
import { createRefreshToken } from "./domain/refresh-token.ts";
import { maxSessions, truncateUserAgent } from "./domain/session.ts";
import type { User } from "./domain/user.ts";
import type { GrantedSession } from "./tokens/token-pair.ts";

/** Starts a session of a user whom the transaction has locked and found active; ends the oldest of too many. */
export async function startSession(
  tx: Tx,
  { userId, role }: Pick<User, "userId" | "role">,
  { requestHeaders }: Pick<Context, "requestHeaders">,
  { sessions: { lifetimeDays } }: Pick<App["config"], "sessions">,
): Promise<GrantedSession> {
  const token = createRefreshToken();
  const userAgent = truncateUserAgent(requestHeaders.get("user-agent") ?? "");
  await endOldestSessions(tx, userId, maxSessions - 1);
  const expireTime = await insertSession(tx, { userId, userAgent, token, lifetimeDays });
  return { userId, role, token, expireTime };
}
