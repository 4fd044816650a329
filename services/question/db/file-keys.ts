import { v7 as uuidv7 } from "uuid";

/** The key to which a client uploads. Until its URL expires, the client may upload another file to it. */
export function stagingKey(uploadId: string): string {
  return `staging/${uploadId}`;
}

/** A key that was never used before, so that no retry of the same upload can change an accepted file. */
export function newFinalKey({ questionId, uploadId }: { questionId: bigint; uploadId: string }): string {
  return `files/${questionId}/${uploadId}/${uuidv7()}`;
}
