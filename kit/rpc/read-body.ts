import type { Readable } from "node:stream";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

/** The body of a request, which may turn out to be unreadable. */
export interface ReadableBody {
  /** Reads it to its end, once; throws REQUEST_TOO_LARGE as soon as it is longer than `maxBytes`. */
  read(maxBytes: number): Promise<Buffer>;
  /** Ends the reading, now or later, with an error. */
  fail(error: Error): void;
}

/** The body of a request that is read from a stream. */
export function bodyOf(stream: Readable): ReadableBody {
  let failure: Error | undefined;
  let fail = (error: Error) => {
    failure = error;
  };
  return {
    fail: error => fail(error),
    read: maxBytes =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        fail = reject;
        readBody(stream, maxBytes).then(resolve, reject);
      }),
  };
}

/** Reads a body to its end; throws REQUEST_TOO_LARGE as soon as it is longer than `maxBytes`. */
export function readBody(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      length += chunk.byteLength;
      if (length <= maxBytes) {
        chunks.push(chunk);
      } else {
        // The rest is read, so that the connection can serve other calls, and forgotten.
        chunks.length = 0;
        reject(new Failure(Reason.REQUEST_TOO_LARGE));
      }
    });
    stream.on("end", () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    stream.on("error", reject);
  });
}
