import { createTransport } from "nodemailer";
import type { UserConfig } from "../config.ts";
import type { ComposedMail } from "./mail.ts";

/** Hands mails to a mail server. */
export interface Mailer {
  /** Resolves once the server took the mail. */
  send(to: { name: string; email: string }, mail: ComposedMail): Promise<void>;
  close(): void;
}

/** Connections to the mail server that one process keeps. */
export const mailerConnections = 5;

/** Opens a pool of connections to a mail server. */
export function createMailer(config: MailerConfig): Mailer {
  const timeoutMs = config.USER_SMTP_TIMEOUT_MS;
  const transport = createTransport({
    url: config.USER_SMTP_URL,
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
    async send({ name, email }, mail) {
      await transport.sendMail({
        ...mail,
        from: config.USER_MAIL_FROM,
        to: { name, address: email },
        headers: { "auto-submitted": "auto-generated" },
      });
    },
    close: () => transport.close(),
  };
}

type MailerConfig = Pick<UserConfig, "USER_SMTP_URL" | "USER_SMTP_TIMEOUT_MS" | "USER_MAIL_FROM">;
