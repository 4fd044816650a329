/** A frame whose length is impossible, so that the rest of the stream cannot be read. */
export class FrameLengthError extends Error {}

/**
 * Splits a stream into frames that start with their own length (int32, little endian, included in the length). Drops
 * an incomplete last frame. Throws FrameLengthError for lengths outside the limits.
 */
export async function* splitFrames(
  chunks: AsyncIterable<Buffer>,
  { minBytes, maxBytes }: { minBytes: number; maxBytes: number },
): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let neededBytes = 4;
  for await (const chunk of chunks) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < neededBytes) {
      continue;
    }
    let rest = held.length === 1 ? chunk : Buffer.concat(held);
    neededBytes = 4;
    while (rest.length >= 4) {
      neededBytes = rest.readInt32LE(0);
      if (neededBytes < minBytes || neededBytes > maxBytes) {
        throw new FrameLengthError(`Frame of ${neededBytes} bytes`);
      }
      if (rest.length < neededBytes) {
        break;
      }
      yield rest.subarray(0, neededBytes);
      rest = rest.subarray(neededBytes);
      neededBytes = 4;
    }
    held = rest.length > 0 ? [rest] : [];
    heldBytes = rest.length;
  }
}
