import { type Context, userIdOf } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { findUser } from "./db/users.ts";
import type { User } from "./domain/user.ts";
import { noPassword, notActive, wrongLogin } from "./failures.ts";

/**
 * The user who calls, after they proved to be that user again; throws NOT_ACTIVE_USER, FAIL_LOGIN, or
 * NOT_PASSWORD_SUPPORT_ACCOUNT.
 */
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
