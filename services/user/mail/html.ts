/** Markup that needs no escaping. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Builds HTML; values other than Html are escaped. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  return new Html(
    parts.map((text, index) => text + (index < values.length ? markupOf(values[index] ?? "") : "")).join(""),
  );
}

function markupOf(value: string | Html | readonly Html[]): string {
  if (value instanceof Html) {
    return value.markup;
  }
  if (typeof value === "string") {
    return value.replace(/[&<>"']/g, character => entities[character] ?? character);
  }
  return value.map(({ markup }) => markup).join("");
}
