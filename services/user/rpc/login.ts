import type { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endOldestSessions, insertSession } from "../db/sessions.ts";
import { findUserByEmail, lockUser, replacePasswordHash } from "../db/users.ts";
import { isOutdated } from "../domain/password-hash.ts";
import { createRefreshToken } from "../domain/refresh-token.ts";
import { maxSessions, truncateUserAgent } from "../domain/session.ts";
import { requireActive } from "../domain/user.ts";
import { wrongLogin } from "../failures.ts";
import { issueTokenPair, type TokenPairDependencies } from "../tokens/token-pair.ts";

export function login(app: Dependencies): Handler<typeof AuthService.method.login> {
  const { database, passwords, limitLogins, devices, config } = app;
  return async ({ email, password, useCookie }, context) => {
    const user = await findUserByEmail(database, email);
    const deviceId = user && (await devices.recognize(context, user.userId));
    const attempt = { email, address: context.clientAddress, deviceId };
    const isRight = await limitLogins(attempt, () =>
      passwords.verify(user?.passwordHash, password, context.signal),
    );
    if (user === undefined || !isRight) {
      throw wrongLogin();
    }
    requireActive(user.status);
    const { userId, passwordHash } = user;
    const newHash = isOutdated(passwordHash) ? await passwords.hash(password, context.signal) : undefined;
    const token = createRefreshToken();
    const userAgent = truncateUserAgent(context.requestHeaders.get("user-agent") ?? "");
    const session = await database.transaction(async tx => {
      // Checked again under the lock: a ban or a new password since then must not leave a session open.
      const locked = await lockUser(tx, userId);
      if (locked?.passwordHash !== passwordHash) {
        throw wrongLogin();
      }
      requireActive(locked.status);
      if (newHash !== undefined) {
        await replacePasswordHash(tx, userId, { from: passwordHash, to: newHash });
      }
      await endOldestSessions(tx, userId, maxSessions - 1);
      const { lifetimeDays } = config.sessions;
      const expireTime = await insertSession(tx, { userId, userAgent, token, lifetimeDays });
      return { userId, role: locked.role, token, expireTime };
    });
    const tokens = await issueTokenPair(app, session, useCookie, context);
    if (useCookie) {
      await devices.remember(context, userId);
    }
    return { tokens };
  };
}

type Dependencies = Pick<App, "database" | "passwords" | "limitLogins" | "devices"> & TokenPairDependencies;
