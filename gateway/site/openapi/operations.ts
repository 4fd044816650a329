import type { DescMethod } from "@bufbuild/protobuf";
import type { RpcRoute } from "../../routes.ts";
import { readComment } from "./comments.ts";
import { describeRefusals } from "./errors.ts";
import type { Keywords } from "./rules.ts";
import type { SchemaCollection } from "./schemas.ts";

/** The path item of a method: POST, and GET if the method has no side effects. */
export function describeMethod(route: RpcRoute, schemas: SchemaCollection): Keywords {
  const { method } = route;
  const operation = describeOperation(route, schemas);
  const post = {
    ...operation,
    operationId: operationId(method),
    requestBody: { required: true, content: { "application/json": { schema: schemas.refer(method.input) } } },
  };
  if (!route.safe) {
    return { post };
  }
  const get = {
    ...operation,
    operationId: `${operationId(method)}.get`,
    parameters: [
      { name: "encoding", in: "query", required: true, schema: { type: "string", enum: ["json"] } },
      {
        name: "message",
        in: "query",
        required: true,
        // Plain text: generators drop a parameter with `content`, or take one with a media type for bytes.
        description: `The request as JSON: ${method.input.typeName}.`,
        schema: { type: "string" },
      },
    ],
  };
  return { get, post };
}

function operationId(method: DescMethod): string {
  return `${method.parent.typeName}.${method.name}`;
}

function describeOperation({ method, access, rate, timeoutMs }: RpcRoute, schemas: SchemaCollection) {
  const { text, refuses } = readComment(method);
  const success = {
    headers: { "x-request-id": { $ref: "#/components/headers/x-request-id" } },
    description: readComment(method.output).text || "The method succeeded.",
    content: { "application/json": { schema: schemas.refer(method.output) } },
  };
  return {
    tags: [method.parent.typeName],
    summary: text.split(/(?<=\.)\s/)[0] ?? method.name,
    description: text,
    security: security[access],
    responses: { "200": success, ...describeRefusals(refuses, access) },
    "x-access": access,
    "x-rate": rate,
    "x-timeout-ms": timeoutMs,
    "x-refuses": refuses,
  };
}

/** An empty requirement means that the token is optional. */
const security = {
  public: [{}, { accessToken: [] }],
  user: [{ accessToken: [] }],
  admin: [{ accessToken: ["ADMIN"] }],
};
