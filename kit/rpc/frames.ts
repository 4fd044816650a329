import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { maxRequestBytes } from "#kit/rpc/limits.ts";
import { badRequest } from "#kit/rpc/undecodable.ts";

// A frame of gRPC and gRPC-Web: a byte of flags, four of length, and the message.
const headBytes = 5;
const compressedFlag = 1;

/** The size limit of a request in one frame. */
export const maxFrameBytes = headBytes + maxRequestBytes;

const decompressors = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** Encodings of a message that `readFrame` can undo. */
export const frameEncodings: readonly string[] = ["identity", ...Object.keys(decompressors)];

/** The message of a request, which has one frame. */
export function readFrame(body: Buffer, encoding: string): Buffer | Promise<Buffer> {
  if (body.byteLength < headBytes) {
    throw malformed();
  }
  const length = body.readUInt32BE(1);
  if (length > maxRequestBytes) {
    throw new Failure(Reason.REQUEST_TOO_LARGE);
  }
  const message = body.subarray(headBytes);
  const flags = body[0] ?? 0;
  if (length !== message.byteLength || flags > compressedFlag) {
    throw malformed();
  }
  return flags === compressedFlag ? decompress(message, encoding) : message;
}

async function decompress(message: Buffer, encoding: string): Promise<Buffer> {
  if (encoding !== "gzip" && encoding !== "deflate") {
    throw malformed();
  }
  try {
    return await decompressors[encoding](message, { maxOutputLength: maxRequestBytes });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw isTooLarge ? new Failure(Reason.REQUEST_TOO_LARGE) : malformed();
  }
}

function malformed(): Failure {
  return badRequest("", "malformed message");
}

/** A message in its frame. */
export function writeFrame(message: Uint8Array, flags = 0): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + message.byteLength);
  frame[0] = flags;
  frame.writeUInt32BE(message.byteLength, 1);
  frame.set(message, headBytes);
  return frame;
}
