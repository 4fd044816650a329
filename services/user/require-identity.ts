import { type Context, userIdOf } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { findAccountRequestOf, lockAccountRequestOf, removeRequest } from "./db/account-requests.ts";
import { findUser, lockUser } from "./db/users.ts";
import type { User } from "./domain/user.ts";
import { noPassword, notActive, wrongLogin } from "./failures.ts";

/** What a signed-in user shows to prove who they are: the password or, if that is empty, a token that was mailed. */
interface Evidence {
  readonly password: string;
  readonly confirmationToken: string;
}

/** Proved identity. The password or token may be replaced until a transaction locks the user. */
interface Identity {
  readonly userId: bigint;
  /** Locks the user and uses up the token; throws NOT_ACTIVE_USER or FAIL_LOGIN if the proof holds no more. */
  lock(tx: Tx): Promise<User>;
}

/** The user who calls, by their password; throws NOT_ACTIVE_USER, FAIL_LOGIN or NOT_PASSWORD_SUPPORT_ACCOUNT. */
export async function requirePassword(
  { database, passwords }: Pick<App, "database" | "passwords">,
  context: Context,
  password: string,
): Promise<User & { readonly passwordHash: string }> {
  const user = await findUser(database, userIdOf(context));
  if (user?.status !== "ACTIVE") {
    throw notActive();
  }
  const { passwordHash } = user;
  if (passwordHash === null) {
    throw noPassword();
  }
  if (!(await passwords.verify(passwordHash, password, context.signal))) {
    throw wrongLogin();
  }
  return { ...user, passwordHash };
}

/** Like requirePassword, and accepts a token that was mailed instead. */
export async function requireIdentity(
  app: Pick<App, "database" | "passwords">,
  context: Context,
  { password, confirmationToken }: Evidence,
): Promise<Identity> {
  if (confirmationToken === "") {
    const { userId, passwordHash } = await requirePassword(app, context, password);
    return {
      userId,
      lock: tx => lockActive(tx, userId, async user => user.passwordHash === passwordHash),
    };
  }
  const userId = userIdOf(context);
  const known = await findAccountRequestOf(app.database, "CONFIRMATION", confirmationToken);
  if (known?.userId !== userId) {
    throw wrongLogin();
  }
  return {
    userId,
    lock: tx =>
      lockActive(tx, userId, async () => {
        const request = await lockAccountRequestOf(tx, "CONFIRMATION", confirmationToken);
        return request?.userId === userId && removeRequest(tx, request.requestId);
      }),
  };
}

async function lockActive(
  tx: Tx,
  userId: bigint,
  isStillProved: (user: User) => Promise<boolean>,
): Promise<User> {
  const user = await lockUser(tx, userId);
  if (user?.status !== "ACTIVE") {
    throw notActive();
  }
  if (!(await isStillProved(user))) {
    throw wrongLogin();
  }
  return user;
}
