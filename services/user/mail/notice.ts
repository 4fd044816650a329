import { html } from "./html.ts";
import { button, layout } from "./layout.ts";
import type { ComposedMail } from "./mailer.ts";

/** A mail of a few sentences and a link. It repeats no text that someone else may have written. */
interface Notice {
  readonly subject: string;
  readonly title: string;
  /** Paragraphs in front of the link. */
  readonly text: readonly string[];
  readonly link: { readonly url: string; readonly label: string };
  /** Lines in small print after the link. */
  readonly notes: readonly string[];
}

/** Composes a notice to an address whose owner is known by nothing else. */
export function noticeMail(email: string, { subject, title, text, link, notes }: Notice): ComposedMail {
  const small = "font-size:13px;color:#555";
  return {
    to: { email },
    subject: `[QuestionCloud] ${subject}`,
    html: layout({
      title,
      body: html`${text.map(paragraph => html`<p>${paragraph}</p>`)}
${button(link)}
${notes.map(note => html`<p style="${small}">${note}</p>`)}`,
    }),
    text: `${[...text, link.url, ...notes].join("\n\n")}\n`,
  };
}
