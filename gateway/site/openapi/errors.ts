import { Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { reasonName, reasonNamed, refusalOf } from "#kit/contract/failure.ts";
import { httpStatusOf } from "#kit/contract/failure-status.ts";
import type { RouteAccess } from "../../routes.ts";
import type { Keywords } from "./rules.ts";

const allReasons = Object.values(Reason).filter(reason => reason !== Reason.UNSPECIFIED);

/** Reasons for which any method can refuse a call. */
const anyMethod = [
  Reason.BAD_REQUEST,
  Reason.RATE_LIMITED,
  Reason.REQUEST_TOO_LARGE,
  Reason.UNSUPPORTED_MEDIA_TYPE,
  Reason.INTERNAL_SERVER_ERROR,
  Reason.SERVICE_UNAVAILABLE,
  Reason.DEADLINE_EXCEEDED,
];

const byAccess: Record<RouteAccess, Reason[]> = {
  public: [Reason.UNAUTHORIZED_TOKEN],
  user: [Reason.UNAUTHORIZED_TOKEN],
  admin: [Reason.UNAUTHORIZED_TOKEN, Reason.FORBIDDEN],
};

/**
 * One response per HTTP status of the reasons of a method. Throws if a contract names a reason that is not in the
 * catalog.
 */
export function describeRefusals(refuses: string[], access: RouteAccess): Record<string, Keywords> {
  const reasons = new Set([...refuses.map(findReason), ...byAccess[access], ...anyMethod]);
  const groups = Map.groupBy(reasons, reason => String(httpStatusOf(reason)));
  return Object.fromEntries(
    [...groups]
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([status, group]) => [
        status,
        {
          headers: headersOf(group),
          description: group.map(reason => `- \`${reasonName(reason)}\`: ${refusalOf(reason).en}`).join("\n"),
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
          "x-reasons": group.map(reasonName),
        },
      ]),
  );
}

function headersOf(reasons: readonly Reason[]): Keywords {
  const named = reasons.some(reason => refusalOf(reason).retryable) ? headers : { "x-request-id": true };
  return Object.fromEntries(Object.keys(named).map(name => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Headers of responses. */
export const headers: Record<string, Keywords> = {
  "x-request-id": { description: "For questions to the operator.", schema: { type: "string" } },
  "retry-after": {
    description: "Seconds to wait before the next attempt, where another one makes sense.",
    schema: { type: "integer" },
  },
};

/** The schemas of refusals. */
export const errorSchemas: Record<string, Keywords> = {
  Error: {
    type: "object",
    description: "Why a call was refused.",
    required: ["code"],
    properties: {
      code: { $ref: "#/components/schemas/Code" },
      message: {
        type: "string",
        description: "English text, the same for every call refused for this reason.",
      },
      details: {
        type: "array",
        description: [
          "google.rpc.ErrorInfo has the reason, google.rpc.LocalizedMessage the text to show to people,",
          "google.rpc.RequestInfo the request id and the trace id (serving_data) for questions to the operator;",
          "google.rpc.RetryInfo and google.rpc.BadRequest are present where they apply.",
          "Refusals of the gateway itself have RequestInfo in `debug` only;",
          "every response has the header x-request-id, but for what is refused before its headers are read.",
        ].join(" "),
        items: { $ref: "#/components/schemas/ErrorDetail" },
      },
    },
  },
  ErrorDetail: {
    type: "object",
    required: ["type", "value"],
    properties: {
      type: { type: "string", description: "Full name of the message.", examples: ["google.rpc.ErrorInfo"] },
      value: { type: "string", description: "The message in binary form, as base64 without padding." },
      debug: { $ref: "#/components/schemas/ErrorDebug" },
    },
  },
  ErrorDebug: {
    type: "object",
    description: "The message of a detail as JSON; the type of the detail says which fields it has.",
    properties: {
      reason: { $ref: "#/components/schemas/Reason", description: "Of ErrorInfo: why the call was refused." },
      domain: { type: "string", description: "Of ErrorInfo." },
      metadata: {
        type: "object",
        description: "Of ErrorInfo: values that the text mentions or a program needs.",
        additionalProperties: { type: "string" },
      },
      locale: { type: "string", description: "Of LocalizedMessage.", examples: ["ko-KR"] },
      message: { type: "string", description: "Of LocalizedMessage: the text to show to people." },
      requestId: { type: "string", description: "Of RequestInfo." },
      servingData: { type: "string", description: "Of RequestInfo: the trace id." },
      retryDelay: { type: "string", description: "Of RetryInfo: seconds.", examples: ["1s"] },
      fieldViolations: {
        type: "array",
        description: "Of BadRequest: the fields that break a rule.",
        items: { $ref: "#/components/schemas/FieldViolation" },
      },
    },
  },
  FieldViolation: {
    type: "object",
    properties: { field: { type: "string" }, description: { type: "string" } },
  },
  Code: {
    type: "string",
    enum: Object.values(Code)
      .filter(code => typeof code === "number")
      .map(codeToString),
  },
  Reason: {
    type: "string",
    description: allReasons.map(reason => `- \`${reasonName(reason)}\`: ${refusalOf(reason).en}`).join("\n"),
    "x-extensible-enum": allReasons.map(reasonName),
  },
};

function findReason(name: string): Reason {
  const reason = reasonNamed(name);
  if (reason === undefined) {
    throw new Error(`A contract names the reason ${name}, which is not in the catalog.`);
  }
  return reason;
}
