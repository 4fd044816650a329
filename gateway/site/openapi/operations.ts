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
  const content = { "application/json": { schema: schemas.refer(method.input) } };
  const post = {
    ...operation,
    operationId: operationId(method),
    parameters: [fixed("header", "Connect-Protocol-Version", "1")],
    requestBody: { required: true, content },
  };
  if (!route.safe) {
    return { post };
  }
  const get = {
    ...operation,
    operationId: `${operationId(method)}.get`,
    parameters: [
      fixed("query", "connect", "v1"),
      fixed("query", "encoding", "json"),
      { name: "message", in: "query", required: true, content },
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

function fixed(place: "header" | "query", name: string, value: string): Keywords {
  return { name, in: place, required: true, schema: { type: "string", const: value } };
}
