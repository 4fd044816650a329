import { createRouteTable, type RouteTable } from "../../routes.ts";
import { readComment } from "./comments.ts";
import { errorSchemas, headers } from "./errors.ts";
import { describeMethod } from "./operations.ts";
import type { Keywords } from "./rules.ts";
import { createSchemaCollection } from "./schemas.ts";

/** OpenAPI 3.1 for all public methods, as Connect JSON over HTTP. */
export function createOpenApi(apiUrl: string, table: RouteTable = createRouteTable()): Keywords {
  const schemas = createSchemaCollection(table.rpc.map(route => route.method.input));
  const paths = Object.fromEntries(table.rpc.map(route => [route.path, describeMethod(route, schemas)]));
  return {
    openapi: "3.1.0",
    info: {
      title: "QuestionCloud",
      version: "1",
      description: [
        "Every method accepts POST with a JSON message; methods without side effects also accept GET.",
        "64-bit numbers are strings; times have capital letters and at most nine decimals.",
        "Fields that have their default value are omitted from answers.",
        "Requests with unknown fields are refused; answers may get further fields, which clients ignore.",
        "A field of a request that is `null` is absent.",
      ].join(" "),
    },
    servers: [{ url: apiUrl || "/" }],
    tags: createTags(table),
    paths,
    components: {
      headers,
      schemas: { ...errorSchemas, ...schemas.all() },
      securitySchemes: {
        accessToken: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "The access token of questioncloud.user.v1.AuthService/Login, valid for five minutes.",
        },
      },
    },
  };
}

function createTags({ rpc }: RouteTable): Keywords[] {
  const services = new Set(rpc.map(route => route.method.parent));
  return [...services].map(service => ({ name: service.typeName, description: readComment(service).text }));
}
