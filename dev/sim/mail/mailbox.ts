import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { type ParsedMail, parseMail } from "./parse-mail.ts";

const maxMails = 1_000;
const maxTotalBytes = 64 * 1024 * 1024;

export interface Mail extends ParsedMail {
  /** Later mails have greater ones, also within a millisecond. */
  id: string;
  /** The addresses of the envelope, comma-separated. */
  to: string;
  /** ISO 8601, UTC. */
  receivedTime: string;
}

export interface Mailbox {
  add(recipients: string[], raw: Buffer): Promise<void>;
  get(id: string): Mail | undefined;
  /** Newest first; only those to the address where one is given. */
  list(filter: { to?: string | undefined; limit: number }): Mail[];
}

/** Stores the last 1,000 mails or 64 MiB, whichever is less; also in files where a directory is given. */
export function createMailbox(dataDir?: string): Mailbox {
  const mails = new Map<string, Mail>();
  let totalBytes = 0;
  if (dataDir) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    for (const mail of readMails(dataDir)) {
      store(mail);
    }
  }

  function store(mail: Mail) {
    mails.set(mail.id, mail);
    totalBytes += sizeOf(mail);
    for (const oldest of mails.values()) {
      if (mails.size <= maxMails && totalBytes <= maxTotalBytes) {
        break;
      }
      mails.delete(oldest.id);
      totalBytes -= sizeOf(oldest);
      if (dataDir) {
        rmSync(fileOf(dataDir, oldest.id), { force: true });
      }
    }
  }

  return {
    async add(recipients, raw) {
      const mail = {
        id: uuidv7(),
        to: recipients.join(", "),
        ...(await parseMail(raw)),
        receivedTime: new Date().toISOString(),
      };
      if (dataDir) {
        writeFileSync(fileOf(dataDir, mail.id), JSON.stringify(mail), { mode: 0o600 });
      }
      store(mail);
    },
    get: id => mails.get(id),
    list({ to, limit }) {
      const wanted = to?.toLowerCase();
      return Array.from(mails.values())
        .reverse()
        .filter(mail => !wanted || mail.to.toLowerCase().split(", ").includes(wanted))
        .slice(0, limit);
    },
  };
}

function fileOf(dataDir: string, id: string): string {
  return join(dataDir, `${id}.json`);
}

function readMails(dataDir: string): Mail[] {
  return readdirSync(dataDir)
    .filter(name => name.endsWith(".json"))
    .map(name => JSON.parse(readFileSync(join(dataDir, name), "utf8")) as Mail)
    .sort((one, other) => one.id.localeCompare(other.id));
}

function sizeOf(mail: Mail): number {
  return mail.text.length + mail.html.length + mail.subject.length;
}
