import type { AuthService } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { normalizeEmail, requireActive } from "../account-rules.ts";
import type { UserConfig } from "../config.ts";
import { wrongLogin } from "../failures.ts";
import type { LoginLimit } from "../login-limit.ts";
import { isOutdated, type Passwords } from "../passwords.ts";
import { createRefreshToken } from "../refresh-token.ts";
import { endOldestSessions, insertSession } from "../store/sessions.ts";
import { findAccountByEmail, lockAccount, replacePasswordHash } from "../store/users.ts";
import { type TokenPairDependencies, toTokenPair } from "../token-pair.ts";

const maxSessions = 50;
const maxUserAgentCharacters = 200;

export function login(dependencies: Dependencies): Handler<typeof AuthService.method.login> {
  const { database, passwords, limitLogins, userConfig } = dependencies;
  return async ({ email, password, useCookie }, context) => {
    const address = normalizeEmail(email);
    await limitLogins(address);
    const account = await findAccountByEmail(database, address);
    const isRight = await passwords.verify(account?.passwordHash, password, context.signal);
    if (account === undefined || !isRight) {
      throw wrongLogin();
    }
    requireActive(account.status);
    const { userId, passwordHash } = account;
    const newHash = isOutdated(passwordHash) ? await passwords.hash(password, context.signal) : undefined;
    const token = createRefreshToken();
    const userAgent = Array.from(context.requestHeaders.get("user-agent") ?? "")
      .slice(0, maxUserAgentCharacters)
      .join("");
    const session = await database.transaction(async tx => {
      // Password and status are looked at again under the lock: a ban or another password since then must leave no session behind.
      const locked = await lockAccount(tx, userId);
      if (locked?.passwordHash !== passwordHash) {
        throw wrongLogin();
      }
      requireActive(locked.status);
      if (newHash !== undefined) {
        await replacePasswordHash(tx, userId, { from: passwordHash, to: newHash });
      }
      await endOldestSessions(tx, userId, maxSessions - 1);
      const lifetimeDays = userConfig.USER_REFRESH_LIFETIME_DAYS;
      const expireTime = await insertSession(tx, { userId, userAgent, token, lifetimeDays });
      return { userId, role: locked.role, token, expireTime };
    });
    return { tokens: await toTokenPair(dependencies, session, useCookie, context) };
  };
}

type Dependencies = Pick<Floor, "database"> &
  TokenPairDependencies & {
    readonly passwords: Passwords;
    readonly limitLogins: LoginLimit;
    readonly userConfig: UserConfig;
  };
