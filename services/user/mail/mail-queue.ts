import type { Tx } from "#kit/data/database.ts";
import { insertMails } from "../db/mails.ts";
import type { NewMail } from "../domain/mail.ts";

/** Adds mails in the transaction of the change they are about. */
export interface MailQueue {
  /** Adds mails of one template; each is sent after the commit, at least once. */
  add(tx: Tx, ...mails: NewMail[]): Promise<void>;
}

/** Creates a queue of mails; `wake` is called after each commit that added one. */
export function createMailQueue(wake: () => void): MailQueue {
  return {
    async add(tx, ...mails) {
      await insertMails(tx, mails);
      tx.afterCommit(wake);
    },
  };
}
