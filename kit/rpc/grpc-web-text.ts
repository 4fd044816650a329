import type { HttpAnswer } from "#kit/rpc/http-call.ts";

// gRPC-Web for clients that cannot send bytes: the same frames in base64.
const marker = "application/grpc-web-text";

/** True for a request or an answer in base64. */
export function isText(contentType: string): boolean {
  return contentType.toLowerCase().startsWith(marker);
}

/** The same answer in base64. */
export function encodeText({ status, headers, body }: HttpAnswer): HttpAnswer {
  const type = (headers.get("content-type") ?? "").replace("application/grpc-web", marker);
  headers.set("content-type", type);
  return { status, headers, body: Buffer.from(Buffer.from(body).toString("base64")) };
}
