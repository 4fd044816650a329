import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

// What protobuf-es says about JSON that is not the message: which message, enum or field, and which key is unknown.
const jsonError = /cannot decode (message|enum|field|oneof) (\S+) from JSON(?:: key "([^"]*)" is unknown)?/;

/** The refusal of a request that cannot be decoded. It says where, and never repeats a value: they may be secrets. */
export function undecodable(error: unknown): Failure {
  const [, kind, name = "", key] = jsonError.exec(error instanceof Error ? error.message : "") ?? [];
  if (kind === undefined) {
    return badRequest("", "malformed request");
  }
  if (key !== undefined) {
    return badRequest(key, `unknown field of ${name}`);
  }
  return badRequest(
    kind === "field" ? name.slice(name.lastIndexOf(".") + 1) : "",
    `malformed ${kind} ${name}`,
  );
}

/** The refusal of a request for one field, header or parameter. */
export function badRequest(field: string, description: string): Failure {
  return new Failure(Reason.BAD_REQUEST, { violations: [{ field, description }] });
}
