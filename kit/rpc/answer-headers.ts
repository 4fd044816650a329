import type { OutgoingHttpHeaders } from "node:http";
import type { ResponseHeaders } from "#kit/contract/context.ts";

/** The headers of an answer, in the form in which Node.js sends them. */
export class AnswerHeaders implements ResponseHeaders {
  readonly fields: OutgoingHttpHeaders = {};

  get(name: string): string | null {
    const value = this.fields[name];
    return value === undefined ? null : String(value);
  }

  set(name: string, value: string): void {
    this.fields[name] = value;
  }

  append(name: string, value: string): void {
    const present = this.fields[name];
    this.fields[name] = present === undefined ? value : [present as string | string[], value].flat();
  }
}
