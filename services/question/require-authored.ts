import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Authorship, findAuthored, lockAuthored } from "./db/authored.ts";
import type { AuthoredQuestion } from "./domain/question.ts";
import { notFound } from "./failures.ts";

/** A question of a creator; throws NOT_FOUND where it is another's, deleted or unknown. */
export async function requireAuthored(from: Queryable, authorship: Authorship): Promise<AuthoredQuestion> {
  return found(await findAuthored(from, authorship));
}

/** Like requireAuthored, and locks the question until the transaction ends. */
export async function requireLocked(tx: Tx, authorship: Authorship): Promise<AuthoredQuestion> {
  return found(await lockAuthored(tx, authorship));
}

function found(question: AuthoredQuestion | undefined): AuthoredQuestion {
  if (question === undefined) {
    throw notFound();
  }
  return question;
}
