import type { Tx } from "#kit/database.ts";
import { insertMail } from "../store/mails.ts";
import type { Mail } from "./mail.ts";

/** Writes mails beside the state they tell of. */
export interface MailQueue {
  /** Adds a mail to the transaction; it is sent after the commit, at least once. */
  add(tx: Tx, userId: bigint, mail: Mail): Promise<void>;
  /** Calls `wake` whenever a commit added a mail. */
  onAdd(wake: () => void): void;
}

/** Makes a queue of mails. */
export function createMailQueue(): MailQueue {
  let wakeSender = () => {};
  return {
    async add(tx, userId, mail) {
      await insertMail(tx, userId, mail);
      tx.afterCommit(() => wakeSender());
    },
    onAdd(wake) {
      wakeSender = wake;
    },
  };
}
