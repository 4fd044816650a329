import type { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Transitions } from "#kit/contract/transitions.ts";
import type { FileSpec } from "./uploaded-file.ts";

type UploadState = "OPEN" | "ACCEPTED";

export const uploadTransitions: Transitions<UploadState> = {
  OPEN: ["ACCEPTED"],
  ACCEPTED: [],
};

/** A file that a creator will upload, or has uploaded, for a question. */
export interface Upload extends FileSpec {
  readonly uploadId: string;
  readonly questionId: bigint;
  readonly kind: FileKind;
  readonly state: UploadState;
}
