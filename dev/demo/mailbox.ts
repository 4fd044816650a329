import { waitFor } from "./wait.ts";

interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** Waits for a mail to an address; returns the newest one for which `isWanted` is true. */
export function waitForMail(
  mailUrl: string,
  to: string,
  what: string,
  isWanted: (mail: Mail) => boolean,
): Promise<Mail> {
  return waitFor(`${what} in the mailbox of ${to}`, async () =>
    (await readMails(mailUrl, to)).find(isWanted),
  );
}

/** Waits for the activation mail and returns the link in it. */
export async function waitForActivationLink(mailUrl: string, to: string): Promise<URL> {
  const { text } = await waitForMail(mailUrl, to, "the activation mail", mail => linkIn(mail) !== undefined);
  return new URL(linkIn({ text }) ?? "");
}

/** The token in the fragment of an activation link. */
export function tokenOf(link: URL): string {
  return new URLSearchParams(link.hash.slice(1)).get("token") ?? "";
}

function linkIn({ text }: Pick<Mail, "text">): string | undefined {
  return /\S+\/activate#token=[\w-]+/.exec(text)?.[0];
}

async function readMails(mailUrl: string, to: string): Promise<Mail[]> {
  const answer = await fetch(`${mailUrl}/mails?to=${encodeURIComponent(to)}`);
  if (!answer.ok) {
    throw new Error(`The mailbox answered ${answer.status}.`);
  }
  return (await answer.json()) as Mail[];
}
