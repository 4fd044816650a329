import type { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Transitions } from "#kit/contract/transitions.ts";
import type { FileSet } from "./file-set.ts";

/** The part of a question that its creator edits, as the contract's QuestionContent. */
export interface Content {
  readonly title: string;
  readonly description: string;
  readonly subject: Subject;
  readonly categoryId: bigint;
  readonly type: QuestionType;
  readonly level: number;
  readonly pricePoints: bigint;
}

export type QuestionState = "DRAFT" | "IN_REVIEW" | "PUBLISHED" | "UNPUBLISHED" | "SUSPENDED" | "DELETED";

export const questionTransitions: Transitions<QuestionState> = {
  DRAFT: ["IN_REVIEW", "PUBLISHED", "DELETED"],
  IN_REVIEW: ["DRAFT", "PUBLISHED", "DELETED"],
  PUBLISHED: ["IN_REVIEW", "UNPUBLISHED", "SUSPENDED", "DELETED"],
  UNPUBLISHED: ["IN_REVIEW", "PUBLISHED", "SUSPENDED", "DELETED"],
  SUSPENDED: ["PUBLISHED", "UNPUBLISHED", "DELETED"],
  DELETED: [],
};

/** A question as its creator works on it, in its latest version. */
export interface AuthoredQuestion extends Content {
  readonly questionId: bigint;
  readonly version: number;
  readonly state: QuestionState;
  /** Why a moderator rejected or suspended it; empty otherwise. */
  readonly stateReason: string;
  readonly files: FileSet;
  readonly salesCount: bigint;
  readonly createTime: Date;
  /** The first publication; null before it. */
  readonly publishTime: Date | null;
}
