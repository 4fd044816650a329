import { createHash } from "node:crypto";

/**
 * The request id of one request of the sample data: the same UUID for the same name, so that a repeated request is
 * recognized.
 */
export function sampleId(name: string): string {
  const hash = createHash("sha256").update(`questioncloud sample ${name}`).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}
