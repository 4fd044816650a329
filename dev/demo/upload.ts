import type { Client } from "@connectrpc/connect";
import type { Upload } from "#gen/questioncloud/common/v1/upload_pb.ts";
import type { AuthoringService, FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";

/** A file to upload. */
export interface OutgoingFile {
  readonly kind: FileKind;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Requests a URL, uploads a file to it, and has it accepted as part of the question. */
export async function uploadFile(
  authoring: Client<typeof AuthoringService>,
  questionId: bigint,
  { kind, contentType, bytes }: OutgoingFile,
): Promise<void> {
  const file = { kind, contentType, sizeBytes: BigInt(bytes.length) };
  const { upload } = await authoring.createUpload({ questionId, file });
  const uploadId = await putFile(upload, bytes);
  await authoring.acceptUpload({ questionId, uploadId });
}

/** Uploads a file as an answer says, and returns the id of the upload. */
export async function putFile(upload: Upload | undefined, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (upload === undefined) {
    throw new Error("The answer has no URL for the upload.");
  }
  const answer = await fetch(upload.url, { method: "PUT", headers: upload.headers, body: bytes });
  if (!answer.ok) {
    throw new Error(`The file was refused with ${answer.status}: ${await answer.text()}`);
  }
  return upload.uploadId;
}
