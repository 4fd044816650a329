import { createHash } from "node:crypto";

/** What a request id was first used for: the same id with another hash is refused. */
export function requestHash(about: bigint, content: string | Uint8Array): Buffer {
  return createHash("sha256").update(`${about} `).update(content).digest();
}
