import { createTransport } from "nodemailer";
import type { UserConfig } from "../config.ts";

/** An address; without a name where its owner has not proved it. */
interface Recipient {
  readonly name?: string;
  readonly email: string;
}

/** A mail ready to be sent. */
export interface ComposedMail {
  readonly to: Recipient;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Delivers mails to a mail server. */
export interface Mailer {
  /** Resolves once the server has accepted the mail. */
  send(mail: ComposedMail): Promise<void>;
  close(): void;
}

/** A pool of connections to the mail server. */
export const mailerConnections = 5;

/** Opens a pool of connections to a mail server. */
export function createMailer({ smtp, mail }: Pick<UserConfig, "smtp" | "mail">): Mailer {
  const { url, timeoutMs } = smtp;
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: mailerConnections,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, ...content }) {
      await transport.sendMail({
        ...content,
        from: mail.from,
        to: { name: to.name ?? "", address: to.email },
        headers: { "auto-submitted": "auto-generated" },
      });
    },
    close: () => transport.close(),
  };
}
