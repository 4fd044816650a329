import type { JsonValue } from "@bufbuild/protobuf";

/** A call and its outcome: an answer, or the reason of a refusal. */
interface ReportedCall {
  /** For example `user.v1.AuthService/Login`. */
  readonly method: string;
  readonly request: JsonValue;
  readonly answer: JsonValue | undefined;
  readonly refusal: string | undefined;
  readonly durationMs: number;
}

/** Reports a story while it is played. */
export interface Narrator {
  chapter(title: string): void;
  call(call: ReportedCall): void;
  /** Something other than a call, or what a call showed. */
  say(line: string): void;
}

/** Reports nothing. */
export const silentNarrator: Narrator = { chapter() {}, call() {}, say() {} };

const maxTextCharacters = 48;
const maxItems = 2;
const maxJsonCharacters = 240;
const secretName = /password|token$/i;

/** Writes the story for people to read: shortens long values and hides secrets. */
export function createNarrator(write: (text: string) => void): Narrator {
  let chapters = 0;
  return {
    chapter(title) {
      chapters += 1;
      write(`\n── ${chapters}. ${title} ${"─".repeat(Math.max(2, 90 - title.length))}\n\n`);
    },
    call({ method, request, answer, refusal, durationMs }) {
      write(`  → ${method} ${show(request)}\n`);
      const outcome = refusal === undefined ? show(answer ?? {}) : `refused: ${refusal}`;
      write(`  ← ${outcome}  (${durationMs.toFixed(0)} ms)\n`);
    },
    say: line => write(`  · ${line}\n`),
  };
}

function show(value: JsonValue): string {
  const json = JSON.stringify(shorten(value));
  return json.length > maxJsonCharacters ? `${json.slice(0, maxJsonCharacters)}…` : json;
}

function shorten(value: JsonValue): JsonValue {
  if (typeof value === "string") {
    return value.length > maxTextCharacters ? `${value.slice(0, maxTextCharacters)}…` : value;
  }
  if (Array.isArray(value)) {
    const more = value.length - maxItems;
    return [...value.slice(0, maxItems).map(shorten), ...(more > 0 ? [`… ${more} more`] : [])];
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const fields = Object.entries(value).map(([name, field]) => [
    name,
    secretName.test(name) && field !== "" ? "•••" : shorten(field),
  ]);
  return Object.fromEntries(fields);
}
