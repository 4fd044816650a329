/** Text that is HTML and is not escaped again. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A template that escapes its values unless they are Html. */
export function html(parts: TemplateStringsArray, ...values: (string | number | Html)[]): Html {
  const printed = values.map(value => (value instanceof Html ? value.text : escapeHtml(String(value))));
  return new Html(parts.map((part, index) => part + (printed[index] ?? "")).join(""));
}

/** Escapes text for use between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
