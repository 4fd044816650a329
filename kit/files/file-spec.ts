/** The specification of a file, given before its upload. */
export interface FileSpec {
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** The file that was actually uploaded. */
export interface FoundFile extends FileSpec {
  /** The first bytes, `headBytes` of them where the file is that long. */
  readonly head: Uint8Array;
}

const firstBytes: Readonly<Record<string, readonly number[]>> = {
  "application/pdf": [0x25, 0x50, 0x44, 0x46, 0x2d],
  "image/png": [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  "image/jpeg": [0xff, 0xd8, 0xff],
};

/** How many bytes of a file are checked. */
export const headBytes = 8;

/** How a file differs from its specification, or undefined where it does not. */
export function differenceOf(spec: FileSpec, found: FoundFile): "size" | "type" | "content" | undefined {
  if (found.sizeBytes !== spec.sizeBytes) {
    return "size";
  }
  if (found.contentType.toLowerCase() !== spec.contentType) {
    return "type";
  }
  const expected = firstBytes[spec.contentType];
  return expected?.every((byte, index) => found.head[index] === byte) ? undefined : "content";
}
