import { isDeepStrictEqual } from "node:util";
import { create, createRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { file_google_rpc_error_details, RequestInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "#gen/google/rpc/status_pb.ts";

/** Reads a refusal as its protocol writes it; throws if its parts contradict each other. */
export function readStatusFromWire(contentType: string, headers: Headers, body: Buffer): Status {
  const [type] = contentType.split("+");
  switch (type) {
    case "application/grpc":
      return readTrailers(headers);
    case "application/grpc-web":
      return readTrailers(readGrpcWebTrailers(body));
    case "application/grpc-web-text":
      return readTrailers(readGrpcWebTrailers(Buffer.from(body.toString(), "base64")));
    case "application/connect":
      return readConnectError(JSON.parse(readFrame(body, 0b10)).error);
    case "application/json":
      return readConnectError(JSON.parse(body.toString()));
    default:
      throw new Error(`${type} is not the type of a refusal.`);
  }
}

function readGrpcWebTrailers(frame: Buffer): Headers {
  const lines = readFrame(frame, 0x80).trimEnd().split("\r\n");
  return new Headers(lines.map(line => line.split(": ") as [string, string]));
}

/** The text of a body that is one frame. */
function readFrame(bytes: Buffer, flags: number): string {
  if (bytes[0] !== flags || bytes.readUInt32BE(1) !== bytes.length - 5) {
    throw new Error("The frame is malformed.");
  }
  return bytes.subarray(5).toString();
}

function readTrailers(headers: Headers): Status {
  const status = fromBinary(StatusSchema, base64Decode(headers.get("grpc-status-details-bin") ?? ""));
  if (String(status.code) !== headers.get("grpc-status") || status.message !== headers.get("grpc-message")) {
    throw new Error("The trailers contradict their details.");
  }
  return status;
}

interface ConnectErrorBody {
  code: string;
  message: string;
  details: { type: string; value: string; debug: object }[];
}

const detailTypes = createRegistry(file_google_rpc_error_details);

function readConnectError({ code, message, details }: ConnectErrorBody): Status {
  const value = codeFromString(code) ?? Code.Unknown;
  const packed = details.map(({ type, value: bytes, debug }) => {
    const typeUrl = `type.googleapis.com/${type}`;
    const detail = { $typeName: "google.protobuf.Any" as const, typeUrl, value: base64Decode(bytes) };
    // Envoy can insert ids only into text, so RequestInfo has both in its JSON form alone.
    if (type === RequestInfoSchema.typeName) {
      return anyPack(RequestInfoSchema, create(RequestInfoSchema, debug));
    }
    const message = anyUnpack(detail, detailTypes);
    const schema = detailTypes.getMessage(type);
    if (message && schema && isDeepStrictEqual(debug, toJson(schema, message))) {
      return detail;
    }
    throw new Error(`The readable form of ${type} contradicts it.`);
  });
  return { $typeName: "google.rpc.Status", code: value, message, details: packed };
}
