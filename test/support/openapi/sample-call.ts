import { randomUUID } from "node:crypto";
import type { EditableQuestion } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Author } from "../market/questions.ts";

/** The smallest valid request of a method, and why it is refused if it is. */
interface SampleCall {
  readonly as?: "user" | "admin";
  readonly request: object;
  readonly refused?: string;
}

/** Calls by the name of their method without `questioncloud.`. */
export type SampleCalls = Readonly<Record<string, SampleCall>>;

/** What the sample calls are about. */
export interface SampleFacts {
  readonly author: Author;
  readonly draft: EditableQuestion;
}

export const unknownId = "999999999";
export const later = () => new Date(Date.now() + 3_600_000).toISOString();
/** Late enough for clients that are compiled first. */
export const shortly = () => new Date(Date.now() + 1_800_000).toISOString();
export const uniqueName = () => `이름 ${randomUUID().slice(0, 13)}`;

export const user = (request: object, refused?: string): SampleCall => call({ as: "user", request }, refused);
export const admin = (request: object, refused?: string): SampleCall =>
  call({ as: "admin", request }, refused);
export const anyone = (request: object, refused?: string): SampleCall => call({ request }, refused);
const call = (sample: SampleCall, refused: string | undefined): SampleCall =>
  refused === undefined ? sample : { ...sample, refused };
