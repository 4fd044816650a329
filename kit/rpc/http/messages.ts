import { Buffer } from "node:buffer";
import type { Message } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import type { Format } from "#kit/rpc/endpoints.ts";
import { maxFrameBytes, readFrame, writeFrame } from "#kit/rpc/frames.ts";
import type { HttpAnswer, HttpCall } from "#kit/rpc/http/call.ts";
import { isText } from "#kit/rpc/http/grpc-web-text.ts";
import { maxRequestBytes } from "#kit/rpc/limits.ts";
import type { ReadableBody } from "#kit/rpc/read-body.ts";
import { undecodable } from "#kit/rpc/undecodable.ts";

/** Reads the request of a call by its protocol. */
export async function decodeFrom(call: HttpCall, format: Format, body: ReadableBody): Promise<Message> {
  switch (call.protocol) {
    case "connect-get":
      return format.decode(messageIn(call.query));
    case "grpc-web":
      return format.decode(await readFrame(await readFrames(call, body), "identity"));
    default:
      return format.decode(await body.read(maxRequestBytes));
  }
}

function messageIn(query: URLSearchParams): Uint8Array {
  const message = query.get("message") ?? "";
  return query.get("base64") === "1" ? fromBase64(message) : Buffer.from(message);
}

// Base64 that was encoded in parts may have padding within.
async function readFrames({ contentType }: HttpCall, body: ReadableBody): Promise<Buffer> {
  if (!isText(contentType)) {
    return body.read(maxFrameBytes);
  }
  return Buffer.from(fromBase64((await body.read(2 * maxFrameBytes)).toString("latin1")));
}

function fromBase64(text: string): Uint8Array {
  try {
    return base64Decode(text);
  } catch (error) {
    throw undecodable(error);
  }
}

const okTrailers = writeFrame(trailerSerialize(new Headers({ "grpc-status": "0" })), trailerFlag);

/** The answer to a call by its protocol. */
export function encodeFor({ protocol }: HttpCall, format: Format, answer: Message): HttpAnswer {
  const message = format.encode(answer);
  const isWeb = protocol === "grpc-web";
  return {
    status: 200,
    headers: { "content-type": `application/${isWeb ? "grpc-web+" : ""}${format.name}` },
    body: isWeb ? Buffer.concat([writeFrame(message), okTrailers]) : message,
  };
}
