/** HTML that may stand in a page as it is. */
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

/** Builds HTML; every value that is not HTML itself is escaped. */
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
