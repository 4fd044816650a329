import { gzipSync } from "node:zlib";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import {
  differFrom,
  malformedMessage,
  readPath,
  tooLarge,
  unknownPath,
  validMessage,
  writePath,
} from "./call.ts";

const { BAD_REQUEST, HTTP_METHOD_NOT_ALLOWED, METHOD_NOT_FOUND, REQUEST_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE } =
  Reason;

const json = differFrom({ path: readPath, body: "{}", headers: { "content-type": "application/json" } });
const binary = differFrom({
  path: readPath,
  body: validMessage,
  headers: { "content-type": "application/proto" },
});
const get = differFrom({ verb: "GET", path: `${readPath}?encoding=json&message=%7B%7D` });

const notUtf8 = Buffer.from([0x22, 0xff, 0x22]);
const nested = `{"pageToken":${"[".repeat(5000)}${"]".repeat(5000)}}`;
const badTimeouts = ["-1", "1.5", "1e3", "abc", "12345678901", "1S"];
// The first three are all that a page of another site can send without a preflight.
const otherTypes = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "text/plain; application/json",
  "application/connect+json",
  "",
];
const listenerOnly = true;

/** Malformed calls of Connect, by format. */
export const connectCalls = {
  "Connect JSON": [
    json("a body that is no JSON", BAD_REQUEST, { body: "{" }),
    json("an empty body", BAD_REQUEST, { body: "" }),
    json("a list instead of an object", BAD_REQUEST, { body: "[]" }),
    json("an unknown field", BAD_REQUEST, { body: '{"pageSiz":1}', fields: ["pageSiz"] }),
    json("a value of another type", BAD_REQUEST, { body: '{"pageSize":"many"}', fields: ["page_size"] }),
    json("a name that its enum does not have", BAD_REQUEST, {
      path: `/${StoreService.typeName}/ListQuestions`,
      body: '{"sort":"CHEAPEST_EVER"}',
      listenerOnly,
    }),
    json("a field twice", BAD_REQUEST, { body: '{"pageSize":1,"page_size":2}', fields: ["page_size"] }),
    json("bytes that are no UTF-8", BAD_REQUEST, { body: notUtf8 }),
    json("deep nesting", BAD_REQUEST, { body: nested }),
    ...badTimeouts.map(value =>
      json(`the timeout ${value}`, BAD_REQUEST, {
        headers: { "connect-timeout-ms": value },
        fields: ["connect-timeout-ms"],
      }),
    ),
    json("another version of the protocol", BAD_REQUEST, {
      headers: { "connect-protocol-version": "2" },
      fields: ["connect-protocol-version"],
    }),
    json("a compression that is not supported", UNSUPPORTED_MEDIA_TYPE, {
      headers: { "content-encoding": "gzip" },
      body: gzipSync("{}"),
    }),
    ...otherTypes.map(type =>
      json(`the content type "${type}"`, UNSUPPORTED_MEDIA_TYPE, { headers: { "content-type": type } }),
    ),
    json("a body of more than 1 MiB", REQUEST_TOO_LARGE, { body: tooLarge, listenerOnly }),
    json("a body of more than 1 MiB without a length", REQUEST_TOO_LARGE, {
      body: [tooLarge, "{}"],
      listenerOnly,
    }),
    json("an unknown method", METHOD_NOT_FOUND, { path: unknownPath, listenerOnly }),
    ...["PUT", "DELETE", "PATCH", "OPTIONS"].map(verb =>
      json(`the HTTP method ${verb}`, HTTP_METHOD_NOT_ALLOWED, { verb, listenerOnly }),
    ),
  ],
  "Connect binary": [
    binary("a malformed message", BAD_REQUEST, { body: malformedMessage }),
    binary("a message that is cut off", BAD_REQUEST, { body: Buffer.from([0x12, 5, 65]) }),
    binary("text that is no UTF-8", BAD_REQUEST, { body: Buffer.from([0x12, 1, 0xff]) }),
    binary("a compression that is not supported", UNSUPPORTED_MEDIA_TYPE, {
      headers: { "content-encoding": "br" },
    }),
  ],
  "Connect GET": [
    get("no encoding", UNSUPPORTED_MEDIA_TYPE, { path: `${readPath}?message=%7B%7D` }),
    get("an unknown encoding", UNSUPPORTED_MEDIA_TYPE, { path: `${readPath}?encoding=xml&message=x` }),
    get("no message", BAD_REQUEST, { path: `${readPath}?encoding=json` }),
    get("JSON that is none", BAD_REQUEST, { path: `${readPath}?encoding=json&message=%7B` }),
    get("an unknown field", BAD_REQUEST, {
      path: `${readPath}?encoding=json&message=%7B%22x%22%3A1%7D`,
      fields: ["x"],
    }),
    get("base64 that is none", BAD_REQUEST, { path: `${readPath}?encoding=proto&base64=1&message=!!` }),
    get("a malformed message", BAD_REQUEST, { path: `${readPath}?encoding=proto&base64=1&message=__8` }),
    get("a compression that is not supported", UNSUPPORTED_MEDIA_TYPE, {
      path: `${readPath}?encoding=json&message=%7B%7D&compression=gzip`,
    }),
    get("another version of the protocol", BAD_REQUEST, {
      path: `${readPath}?encoding=json&message=%7B%7D&connect=v2`,
      fields: ["connect"],
    }),
    get("a malformed timeout", BAD_REQUEST, {
      headers: { "connect-timeout-ms": "soon" },
      fields: ["connect-timeout-ms"],
    }),
    ...["GET", "HEAD"].map(verb =>
      get(`a method that only POST may call, by ${verb}`, HTTP_METHOD_NOT_ALLOWED, {
        verb,
        path: `${writePath}?encoding=json&message=%7B%7D`,
        listenerOnly,
      }),
    ),
  ],
};
