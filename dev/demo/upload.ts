import type { Client } from "@connectrpc/connect";
import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";

/** A file to be sent. */
export interface OutgoingFile {
  readonly kind: FileKind;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Announces a file, sends it to the address that is given out, and has it accepted as part of the question. */
export async function uploadFile(
  workspace: Client<typeof WorkspaceService>,
  questionId: bigint,
  { kind, contentType, bytes }: OutgoingFile,
): Promise<void> {
  const file = { kind, contentType, sizeBytes: BigInt(bytes.length) };
  const { upload } = await workspace.createUpload({ questionId, file });
  if (upload === undefined) {
    throw new Error("No address for the upload was given out.");
  }
  const answer = await fetch(upload.url, { method: "PUT", headers: upload.headers, body: bytes });
  if (!answer.ok) {
    throw new Error(`The file was refused with ${answer.status}: ${await answer.text()}`);
  }
  await workspace.acceptUpload({ questionId, uploadId: upload.uploadId });
}
