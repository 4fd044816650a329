import type { HttpAnswer } from "#kit/rpc/http/call.ts";

// gRPC-Web for clients that cannot send bytes: the same frames in base64.
const marker = "application/grpc-web-text";

/** True for a request or an answer in base64. */
export function isText(contentType: string): boolean {
  return contentType.toLowerCase().startsWith(marker);
}

/** The same answer in base64. */
export function encodeText({ status, headers, body }: HttpAnswer): HttpAnswer {
  const type = String(headers["content-type"]).replace("application/grpc-web", marker);
  const text = Buffer.from(body).toString("base64");
  return { status, headers: { ...headers, "content-type": type }, body: Buffer.from(text) };
}
