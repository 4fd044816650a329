import PostalMime, { type Address } from "postal-mime";

/** What people read of a mail; a part that the mail lacks is empty. */
export interface ParsedMail {
  from: string;
  subject: string;
  text: string;
  html: string;
}

/** Parses a mail as it came over the wire. Attachments are dropped. */
export async function parseMail(raw: Buffer): Promise<ParsedMail> {
  const { from, subject = "", text = "", html = "" } = await PostalMime.parse(raw);
  return { from: formatAddress(from), subject, text, html: html.trimEnd() };
}

function formatAddress({ name = "", address = "" }: Partial<Address> = {}): string {
  return name === "" ? address : `${name} <${address}>`;
}
