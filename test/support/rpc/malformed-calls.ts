import { gzipSync } from "node:zlib";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { RawCall } from "./raw-calls.ts";

/** A call that is refused before a handler sees it. */
export interface MalformedCall extends RawCall {
  readonly title: string;
  readonly reason: Reason;
  readonly status: number;
  /** The fields, headers or parameters that the refusal names. */
  readonly fields?: readonly string[];
  /** The gateway refuses it by itself, or has no such call. */
  readonly listenerOnly?: true;
}

const { BAD_REQUEST, HTTP_METHOD_NOT_ALLOWED, METHOD_NOT_FOUND, REQUEST_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE } =
  Reason;

/** A method without side effects, which GET may call, and one that only POST may call. */
export const readPath = `/${CouponService.typeName}/ListUserCoupons`;
export const writePath = `/${CouponService.typeName}/RegisterCoupon`;
const unknownPath = `/${CouponService.typeName}/ListNothing`;

/** `page_size: 7` in binary. */
export const validMessage = Buffer.from([0x08, 0x07]);
const malformedMessage = Buffer.from([0xff, 0xff]);
const mebibyte = 1024 * 1024;
const tooLong = Buffer.alloc(mebibyte + 1, 0x20);

/** A message in the frame of gRPC and gRPC-Web. */
export function frame(message: Uint8Array, { flags = 0, length = message.byteLength } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

type Expected = Pick<MalformedCall, "title" | "reason" | "status"> & Partial<MalformedCall>;

const json = (row: Expected): MalformedCall => ({
  path: readPath,
  body: "{}",
  ...row,
  headers: { "content-type": "application/json", ...row.headers },
});

const binary = (row: Expected): MalformedCall => ({
  path: readPath,
  body: validMessage,
  ...row,
  headers: { "content-type": "application/proto", ...row.headers },
});

const get = ({ path = "?encoding=json&message=%7B%7D", ...row }: Expected): MalformedCall => ({
  verb: "GET",
  ...row,
  path: readPath + path,
});

const web = (row: Expected): MalformedCall => ({
  path: readPath,
  body: frame(validMessage),
  ...row,
  headers: { "content-type": "application/grpc-web+proto", ...row.headers },
});

const text = ({ body = frame(validMessage), ...row }: Expected): MalformedCall => ({
  path: readPath,
  ...row,
  body: typeof body === "string" ? body : Buffer.from(body as Uint8Array).toString("base64"),
  headers: { "content-type": "application/grpc-web-text", ...row.headers },
});

const grpc = (row: Expected): MalformedCall => ({
  path: readPath,
  body: frame(validMessage),
  ...row,
  headers: { "content-type": "application/grpc", te: "trailers", ...row.headers },
});

const badTimeouts = ["-1", "1.5", "1e3", "abc", "12345678901", "1S"];
const badGrpcTimeouts = ["-1S", "100000000S", "123456789m", "1", "S", "1 S", "1x", "1S1S"];

/** Malformed calls over HTTP/1.1, by protocol. */
export const malformedHttpCalls: Readonly<Record<string, readonly MalformedCall[]>> = {
  "Connect JSON": [
    json({ title: "a body that is no JSON", body: "{", reason: BAD_REQUEST, status: 400 }),
    json({ title: "an empty body", body: "", reason: BAD_REQUEST, status: 400 }),
    json({ title: "a list instead of an object", body: "[]", reason: BAD_REQUEST, status: 400 }),
    json({
      title: "an unknown field",
      body: '{"pageSiz":1}',
      reason: BAD_REQUEST,
      status: 400,
      fields: ["pageSiz"],
    }),
    json({
      title: "a value of another type",
      body: '{"pageSize":"many"}',
      reason: BAD_REQUEST,
      status: 400,
      fields: ["page_size"],
    }),
    json({
      title: "a field twice",
      body: '{"pageSize":1,"page_size":2}',
      reason: BAD_REQUEST,
      status: 400,
      fields: ["page_size"],
    }),
    json({
      title: "bytes that are no UTF-8",
      body: Buffer.from([0x22, 0xff, 0x22]),
      reason: BAD_REQUEST,
      status: 400,
    }),
    json({
      title: "deep nesting",
      body: `{"pageToken":${"[".repeat(5000)}${"]".repeat(5000)}}`,
      reason: BAD_REQUEST,
      status: 400,
    }),
    ...badTimeouts.map(value =>
      json({
        title: `the timeout ${value}`,
        headers: { "connect-timeout-ms": value },
        reason: BAD_REQUEST,
        status: 400,
        fields: ["connect-timeout-ms"],
      }),
    ),
    json({
      title: "another version of the protocol",
      headers: { "connect-protocol-version": "2" },
      reason: BAD_REQUEST,
      status: 400,
      fields: ["connect-protocol-version"],
    }),
    json({
      title: "a compression that is not supported",
      headers: { "content-encoding": "gzip" },
      body: gzipSync("{}"),
      reason: UNSUPPORTED_MEDIA_TYPE,
      status: 415,
    }),
    ...[
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/connect+json",
    ].map(type =>
      json({
        title: `the content type ${type}`,
        headers: { "content-type": type },
        reason: UNSUPPORTED_MEDIA_TYPE,
        status: 415,
      }),
    ),
    json({
      title: "a body of more than 1 MiB",
      body: tooLong,
      reason: REQUEST_TOO_LARGE,
      status: 429,
      listenerOnly: true,
    }),
    json({
      title: "a body of more than 1 MiB without a length",
      body: [tooLong, "{}"],
      reason: REQUEST_TOO_LARGE,
      status: 429,
      listenerOnly: true,
    }),
    json({
      title: "an unknown method",
      path: unknownPath,
      reason: METHOD_NOT_FOUND,
      status: 404,
      listenerOnly: true,
    }),
    ...["PUT", "DELETE", "PATCH", "OPTIONS"].map(verb =>
      json({
        title: `the HTTP method ${verb}`,
        verb,
        reason: HTTP_METHOD_NOT_ALLOWED,
        status: 405,
        listenerOnly: true,
      }),
    ),
  ],
  "Connect binary": [
    binary({ title: "a malformed message", body: malformedMessage, reason: BAD_REQUEST, status: 400 }),
    binary({
      title: "a message that is cut off",
      body: Buffer.from([0x12, 5, 65]),
      reason: BAD_REQUEST,
      status: 400,
    }),
    binary({
      title: "text that is no UTF-8",
      body: Buffer.from([0x12, 1, 0xff]),
      reason: BAD_REQUEST,
      status: 400,
    }),
    binary({
      title: "a compression that is not supported",
      headers: { "content-encoding": "br" },
      reason: UNSUPPORTED_MEDIA_TYPE,
      status: 415,
    }),
  ],
  "Connect GET": [
    get({ title: "no encoding", path: "?message=%7B%7D", reason: UNSUPPORTED_MEDIA_TYPE, status: 415 }),
    get({ title: "no message", path: "?encoding=json", reason: BAD_REQUEST, status: 400 }),
    get({
      title: "an unknown encoding",
      path: "?encoding=xml&message=x",
      reason: UNSUPPORTED_MEDIA_TYPE,
      status: 415,
    }),
    get({ title: "JSON that is none", path: "?encoding=json&message=%7B", reason: BAD_REQUEST, status: 400 }),
    get({
      title: "an unknown field",
      path: "?encoding=json&message=%7B%22x%22%3A1%7D",
      reason: BAD_REQUEST,
      status: 400,
      fields: ["x"],
    }),
    get({
      title: "base64 that is none",
      path: "?encoding=proto&base64=1&message=!!",
      reason: BAD_REQUEST,
      status: 400,
    }),
    get({
      title: "a malformed message",
      path: "?encoding=proto&base64=1&message=__8",
      reason: BAD_REQUEST,
      status: 400,
    }),
    get({
      title: "a compression that is not supported",
      path: "?encoding=json&message=%7B%7D&compression=gzip",
      reason: UNSUPPORTED_MEDIA_TYPE,
      status: 415,
    }),
    get({
      title: "another version of the protocol",
      path: "?encoding=json&message=%7B%7D&connect=v2",
      reason: BAD_REQUEST,
      status: 400,
      fields: ["connect"],
    }),
    get({
      title: "a malformed timeout",
      headers: { "connect-timeout-ms": "soon" },
      reason: BAD_REQUEST,
      status: 400,
      fields: ["connect-timeout-ms"],
    }),
    ...["GET", "HEAD"].map(verb => ({
      title: `a method that only POST may call, by ${verb}`,
      verb,
      path: `${writePath}?encoding=json&message=%7B%7D`,
      reason: HTTP_METHOD_NOT_ALLOWED,
      status: 405,
      listenerOnly: true as const,
    })),
  ],
  "gRPC-Web": [
    web({ title: "a malformed message", body: frame(malformedMessage), reason: BAD_REQUEST, status: 200 }),
    web({ title: "no message", body: "", reason: BAD_REQUEST, status: 200 }),
    web({
      title: "two messages",
      body: Buffer.concat([frame(validMessage), frame(validMessage)]),
      reason: BAD_REQUEST,
      status: 200,
    }),
    web({
      title: "a part of a message",
      body: frame(validMessage, { length: 9 }),
      reason: BAD_REQUEST,
      status: 200,
    }),
    web({
      title: "a message that says it is compressed",
      body: frame(validMessage, { flags: 1 }),
      reason: BAD_REQUEST,
      status: 200,
    }),
    web({
      title: "a compression that is not supported",
      headers: { "grpc-encoding": "gzip" },
      reason: UNSUPPORTED_MEDIA_TYPE,
      status: 200,
    }),
    ...badGrpcTimeouts.map(value =>
      web({
        title: `the timeout ${value}`,
        headers: { "grpc-timeout": value },
        reason: BAD_REQUEST,
        status: 200,
        fields: ["grpc-timeout"],
      }),
    ),
    web({
      title: "JSON with an unknown field",
      headers: { "content-type": "application/grpc-web+json" },
      body: frame(Buffer.from('{"pageSiz":1}')),
      reason: BAD_REQUEST,
      status: 200,
      fields: ["pageSiz"],
    }),
    web({
      title: "the subtype thrift",
      headers: { "content-type": "application/grpc-web+thrift" },
      reason: UNSUPPORTED_MEDIA_TYPE,
      status: 200,
    }),
    web({
      title: "a message of more than 1 MiB",
      body: frame(tooLong),
      reason: REQUEST_TOO_LARGE,
      status: 200,
      listenerOnly: true,
    }),
    web({
      title: "an unknown method",
      path: unknownPath,
      reason: METHOD_NOT_FOUND,
      status: 200,
      listenerOnly: true,
    }),
    web({
      title: "the HTTP method PUT",
      verb: "PUT",
      reason: HTTP_METHOD_NOT_ALLOWED,
      status: 200,
      listenerOnly: true,
    }),
  ],
  "gRPC-Web text": [
    text({ title: "base64 that is none", body: "!!!!", reason: BAD_REQUEST, status: 200 }),
    text({ title: "a malformed message", body: frame(malformedMessage), reason: BAD_REQUEST, status: 200 }),
    text({ title: "no message", body: "", reason: BAD_REQUEST, status: 200 }),
    text({
      title: "a malformed timeout",
      headers: { "grpc-timeout": "-1S" },
      reason: BAD_REQUEST,
      status: 200,
      fields: ["grpc-timeout"],
    }),
    text({
      title: "a message of more than 1 MiB",
      body: frame(tooLong),
      reason: REQUEST_TOO_LARGE,
      status: 200,
      listenerOnly: true,
    }),
    text({
      title: "more than 2 MiB",
      body: "A".repeat(3 * mebibyte),
      reason: REQUEST_TOO_LARGE,
      status: 200,
      listenerOnly: true,
    }),
    text({
      title: "an unknown method",
      path: unknownPath,
      reason: METHOD_NOT_FOUND,
      status: 200,
      listenerOnly: true,
    }),
  ],
};

/** Malformed calls over HTTP/2. */
export const malformedGrpcCalls: readonly MalformedCall[] = [
  grpc({ title: "a malformed message", body: frame(malformedMessage), reason: BAD_REQUEST, status: 200 }),
  grpc({ title: "no message", body: "", reason: BAD_REQUEST, status: 200 }),
  grpc({
    title: "two messages",
    body: Buffer.concat([frame(validMessage), frame(validMessage)]),
    reason: BAD_REQUEST,
    status: 200,
  }),
  grpc({
    title: "a part of a message",
    body: frame(validMessage, { length: 9 }),
    reason: BAD_REQUEST,
    status: 200,
  }),
  grpc({
    title: "a message that is not compressed as it says",
    headers: { "grpc-encoding": "gzip" },
    body: frame(validMessage, { flags: 1 }),
    reason: BAD_REQUEST,
    status: 200,
  }),
  grpc({
    title: "a message that says it is compressed, and not how",
    body: frame(malformedMessage, { flags: 1 }),
    reason: BAD_REQUEST,
    status: 200,
  }),
  grpc({
    title: "a small message that unpacks to more than 1 MiB",
    headers: { "grpc-encoding": "gzip" },
    body: frame(gzipSync(tooLong), { flags: 1 }),
    reason: REQUEST_TOO_LARGE,
    status: 200,
  }),
  grpc({
    title: "a compression that is not supported",
    headers: { "grpc-encoding": "snappy" },
    reason: UNSUPPORTED_MEDIA_TYPE,
    status: 200,
  }),
  ...badGrpcTimeouts.map(value =>
    grpc({
      title: `the timeout ${value}`,
      headers: { "grpc-timeout": value },
      reason: BAD_REQUEST,
      status: 200,
      fields: ["grpc-timeout"],
    }),
  ),
  grpc({
    title: "JSON",
    headers: { "content-type": "application/grpc+json" },
    reason: UNSUPPORTED_MEDIA_TYPE,
    status: 200,
  }),
  grpc({
    title: "a message of more than 1 MiB",
    body: frame(tooLong),
    reason: REQUEST_TOO_LARGE,
    status: 200,
    listenerOnly: true,
  }),
  grpc({
    title: "an unknown method",
    path: unknownPath,
    reason: METHOD_NOT_FOUND,
    status: 200,
    listenerOnly: true,
  }),
  grpc({
    title: "an unknown service",
    path: "/x/y",
    reason: METHOD_NOT_FOUND,
    status: 200,
    listenerOnly: true,
  }),
  ...["application/json", "application/grpc-web", "text/plain"].map(type =>
    grpc({
      title: `the content type ${type}`,
      headers: { "content-type": type },
      reason: UNSUPPORTED_MEDIA_TYPE,
      status: 415,
      listenerOnly: true,
    }),
  ),
  ...["PUT", "OPTIONS"].map(verb =>
    grpc({
      title: `the HTTP method ${verb} and no content type`,
      verb,
      headers: { "content-type": "" },
      reason: HTTP_METHOD_NOT_ALLOWED,
      status: 405,
      listenerOnly: true,
    }),
  ),
];
