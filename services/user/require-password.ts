import { type Context, userIdOf } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { findUser } from "./db/users.ts";
import type { User } from "./domain/user.ts";
import { notActive, wrongLogin } from "./failures.ts";

/** The user who calls, after they proved to be that user again; throws NOT_ACTIVE_USER or FAIL_LOGIN. */
export async function requirePassword(
  { database, passwords }: Pick<App, "database" | "passwords">,
  context: Context,
  password: string,
): Promise<User> {
  const user = await findUser(database, userIdOf(context));
  if (user?.status !== "ACTIVE") {
    throw notActive();
  }
  if (!(await passwords.verify(user.passwordHash, password, context.signal))) {
    throw wrongLogin();
  }
  return user;
}
