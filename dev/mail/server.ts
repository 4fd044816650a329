import { startHttp } from "./http.ts";
import { createMailbox } from "./mailbox.ts";
import { createRefusals } from "./refusals.ts";
import { startSmtp } from "./smtp.ts";

export interface MailOptions {
  smtpPort: number;
  httpPort: number;
  /** Keeps the mails for the next run when given. */
  dataDir?: string | undefined;
}

export interface MailServer {
  smtpUrl: string;
  /** `/` for people, `/mails?to=` for tests, `POST /sim/refuse {to, times}` to refuse for now. */
  url: string;
  stop(): Promise<void>;
}

/** A mail server that keeps every mail and shows it on a page instead of delivering it. */
export async function startMail({ smtpPort, httpPort, dataDir }: MailOptions): Promise<MailServer> {
  const mailbox = createMailbox(dataDir);
  const refusals = createRefusals();
  const stopSmtp = await startSmtp(smtpPort, mailbox, refusals);
  const stopHttp = await startHttp(httpPort, mailbox, refusals);
  return {
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    url: `http://127.0.0.1:${httpPort}`,
    stop: async () => {
      await Promise.all([stopSmtp(), stopHttp()]);
    },
  };
}
