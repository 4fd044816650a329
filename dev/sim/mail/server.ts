import { startHttp } from "./http.ts";
import { createMailbox } from "./mailbox.ts";
import { createRefusals } from "./refusals.ts";
import { startSmtp } from "./smtp.ts";

interface MailOptions {
  smtpPort: number;
  httpPort: number;
  /** Where mails are stored for the next run; in memory only without it. */
  dataDir?: string | undefined;
}

export interface MailServer {
  smtpUrl: string;
  url: string;
  stop(): Promise<void>;
}

/** Starts a mail server that shows mails on a page instead of delivering them; the README lists its paths. */
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
