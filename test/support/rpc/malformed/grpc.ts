import { gzipSync } from "node:zlib";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import {
  badGrpcTimeouts,
  differFrom,
  frame,
  malformedMessage,
  readPath,
  tooLarge,
  unknownPath,
  validMessage,
} from "./call.ts";

const { BAD_REQUEST, HTTP_METHOD_NOT_ALLOWED, METHOD_NOT_FOUND, REQUEST_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE } =
  Reason;

const valid = { path: readPath, body: frame(validMessage) };
const grpcType = { "content-type": "application/grpc", te: "trailers" };
const webType = { "content-type": "application/grpc-web+proto" };
const textType = { "content-type": "application/grpc-web-text" };

const grpc = differFrom({ ...valid, headers: grpcType }, { alwaysOk: true });
const otherHttp = differFrom({ ...valid, headers: grpcType });
const web = differFrom({ ...valid, headers: webType }, { alwaysOk: true });
const text = differFrom({ ...valid, headers: textType }, { alwaysOk: true });

const base64 = (body: Buffer) => body.toString("base64");
const twoMessages = Buffer.concat([frame(validMessage), frame(validMessage)]);
const partOfMessage = frame(validMessage, { length: 9 });
const listenerOnly = true;

/** Malformed calls of gRPC-Web, by encoding. */
export const grpcWebCalls = {
  "gRPC-Web": [
    web("a malformed message", BAD_REQUEST, { body: frame(malformedMessage) }),
    web("no message", BAD_REQUEST, { body: "" }),
    web("two messages", BAD_REQUEST, { body: twoMessages }),
    web("a part of a message", BAD_REQUEST, { body: partOfMessage }),
    web("a message that says it is compressed", BAD_REQUEST, { body: frame(validMessage, { flags: 1 }) }),
    web("a compression that is not supported", UNSUPPORTED_MEDIA_TYPE, {
      headers: { "grpc-encoding": "gzip" },
    }),
    ...badGrpcTimeouts.map(value =>
      web(`the timeout ${value}`, BAD_REQUEST, {
        headers: { "grpc-timeout": value },
        fields: ["grpc-timeout"],
      }),
    ),
    web("JSON with an unknown field", BAD_REQUEST, {
      headers: { "content-type": "application/grpc-web+json" },
      body: frame(Buffer.from('{"pageSiz":1}')),
      fields: ["pageSiz"],
    }),
    web("a subtype that is not supported", UNSUPPORTED_MEDIA_TYPE, {
      headers: { "content-type": "application/grpc-web+thrift" },
    }),
    web("a message of more than 1 MiB", REQUEST_TOO_LARGE, { body: frame(tooLarge), listenerOnly }),
    web("an unknown method", METHOD_NOT_FOUND, { path: unknownPath, listenerOnly }),
    web("the HTTP method PUT", HTTP_METHOD_NOT_ALLOWED, { verb: "PUT", listenerOnly }),
  ],
  "gRPC-Web text": [
    text("base64 that is none", BAD_REQUEST, { body: "!!!!" }),
    text("a malformed message", BAD_REQUEST, { body: base64(frame(malformedMessage)) }),
    text("no message", BAD_REQUEST, { body: "" }),
    text("a malformed timeout", BAD_REQUEST, {
      headers: { "grpc-timeout": "-1S" },
      body: base64(frame(validMessage)),
      fields: ["grpc-timeout"],
    }),
    text("a message of more than 1 MiB", REQUEST_TOO_LARGE, { body: base64(frame(tooLarge)), listenerOnly }),
    text("more than 2 MiB", REQUEST_TOO_LARGE, { body: "A".repeat(3 * tooLarge.length), listenerOnly }),
    text("an unknown method", METHOD_NOT_FOUND, { path: unknownPath, listenerOnly }),
  ],
};

/** Malformed calls of gRPC, and of what is no gRPC at the grpc listener. */
export const grpcCalls = [
  grpc("a malformed message", BAD_REQUEST, { body: frame(malformedMessage) }),
  grpc("no message", BAD_REQUEST, { body: "" }),
  grpc("two messages", BAD_REQUEST, { body: twoMessages }),
  grpc("a part of a message", BAD_REQUEST, { body: partOfMessage }),
  grpc("a message that is not compressed as it says", BAD_REQUEST, {
    headers: { "grpc-encoding": "gzip" },
    body: frame(validMessage, { flags: 1 }),
  }),
  grpc("a small message that unpacks to more than 1 MiB", REQUEST_TOO_LARGE, {
    headers: { "grpc-encoding": "gzip" },
    body: frame(gzipSync(tooLarge), { flags: 1 }),
  }),
  grpc("a compression that is not supported", UNSUPPORTED_MEDIA_TYPE, {
    headers: { "grpc-encoding": "snappy" },
  }),
  ...badGrpcTimeouts.map(value =>
    grpc(`the timeout ${value}`, BAD_REQUEST, {
      headers: { "grpc-timeout": value },
      fields: ["grpc-timeout"],
    }),
  ),
  grpc("JSON", UNSUPPORTED_MEDIA_TYPE, { headers: { "content-type": "application/grpc+json" } }),
  grpc("a message of more than 1 MiB", REQUEST_TOO_LARGE, { body: frame(tooLarge), listenerOnly }),
  grpc("an unknown method", METHOD_NOT_FOUND, { path: unknownPath, listenerOnly }),
  grpc("an unknown service", METHOD_NOT_FOUND, { path: "/x/y", listenerOnly }),
  ...["application/json", "application/grpc-web", "text/plain"].map(type =>
    otherHttp(`the content type ${type}`, UNSUPPORTED_MEDIA_TYPE, {
      headers: { "content-type": type },
      listenerOnly,
    }),
  ),
  ...["PUT", "OPTIONS"].map(verb =>
    otherHttp(`the HTTP method ${verb} and no content type`, HTTP_METHOD_NOT_ALLOWED, {
      verb,
      headers: { "content-type": "" },
      listenerOnly,
    }),
  ),
];
