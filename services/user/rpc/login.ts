import type { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUserByEmail, lockUser, replacePasswordHash } from "../db/users.ts";
import { isOutdated } from "../domain/password-hash.ts";
import { requireActive } from "../domain/user.ts";
import { wrongLogin } from "../failures.ts";
import { startSession } from "../start-session.ts";
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
    // An account without a password cannot be told from none.
    if (!user?.passwordHash || !isRight) {
      throw wrongLogin();
    }
    requireActive(user.status);
    const { userId, passwordHash } = user;
    const newHash = isOutdated(passwordHash) ? await passwords.hash(password, context.signal) : undefined;
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
      return startSession(tx, locked, context, config);
    });
    const tokens = await issueTokenPair(app, session, useCookie, context);
    if (useCookie) {
      await devices.remember(context, userId);
    }
    return { tokens };
  };
}

type Dependencies = Pick<App, "database" | "passwords" | "limitLogins" | "devices"> & TokenPairDependencies;
