import { v7 as uuidv7 } from "uuid";

/** Where a client puts a file. Until its URL expires, the client may put another one there. */
export function stagingKey(uploadId: string): string {
  return `staging/${uploadId}`;
}

/** A key that nothing was ever copied to, so that no second try at the same upload can change an accepted file. */
export function newFinalKey({ questionId, uploadId }: { questionId: bigint; uploadId: string }): string {
  return `files/${questionId}/${uploadId}/${uuidv7()}`;
}
