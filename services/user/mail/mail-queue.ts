import type { Tx } from "#kit/data/database.ts";
import { insertMail } from "../db/mails.ts";
import type { NewMail } from "../domain/mail.ts";

/** Adds mails in the transaction of the change they are about. */
export interface MailQueue {
  /** The mail is sent after the commit, at least once. */
  add(tx: Tx, mail: NewMail): Promise<void>;
}

/** Creates a queue of mails; `wake` is called after each commit that added one. */
export function createMailQueue(wake: () => void): MailQueue {
  return {
    async add(tx, mail) {
      await insertMail(tx, mail);
      tx.afterCommit(wake);
    },
  };
}
