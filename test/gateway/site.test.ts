import { request } from "node:http";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import { expect } from "chai";
import { createRouteTable } from "#gateway/routes.ts";
import { escapeHtml, html } from "#gateway/site/html.ts";
import { type RunningSite, startSite } from "#gateway/site/server.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure, refusalOf } from "#kit/contract/failure.ts";
import { toConnectError, toStatus } from "#kit/contract/failure-status.ts";

interface Operation {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { schema?: Record<string, unknown> }[];
  responses: Record<string, { description: string; "x-reasons"?: string[] }>;
  "x-refuses": string[];
}

interface Schema {
  type: string;
  properties: Record<string, Record<string, unknown>>;
  required?: string[];
  enum?: string[];
}

interface OpenApi {
  openapi: string;
  paths: Record<string, { get?: Operation; post: Operation }>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
  tags: { name: string; description: string }[];
}

describe("the site", () => {
  let site: RunningSite;

  before(async () => {
    site = await startSite({ port: 0 });
  });
  after(() => site.stop());

  const get = (path: string, init: RequestInit = {}) => fetch(site.url + path, init);
  const readOpenApi = async (): Promise<OpenApi> => (await get("/openapi.json")).json();

  describe("OpenAPI", () => {
    it("has all public methods and no other", async () => {
      const { paths, openapi } = await readOpenApi();
      const { rpc } = createRouteTable();
      expect(openapi).to.equal("3.1.0");
      expect(Object.keys(paths)).to.have.members(rpc.map(route => route.path));
      for (const { path, safe, access } of rpc) {
        expect(paths[path]?.get !== undefined, path).to.equal(safe);
        const open = paths[path]?.post.security.some(entry => Object.keys(entry).length === 0);
        expect(open, path).to.equal(access === "public");
      }
    });

    it("resolves every reference and gives every operation its own id", async () => {
      const document = await readOpenApi();
      const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
      const named = new Set([...references].map(([, name]) => name ?? ""));
      expect(named).not.to.have.property("size", 0);
      for (const name of named) {
        expect(document.components.schemas).to.have.property(name);
      }
      const operations = Object.values(document.paths).flatMap(({ get, post }) =>
        get ? [get, post] : [post],
      );
      const ids = operations.map(operation => operation.operationId);
      expect(new Set(ids)).to.have.property("size", ids.length);
    });

    it("has the comments of services, methods and enums", async () => {
      const { components, tags, paths } = await readOpenApi();
      for (const tag of tags) {
        expect(tag.description, tag.name).not.to.equal("");
      }
      for (const [name, schema] of Object.entries(components.schemas)) {
        if (name.startsWith("questioncloud.") && schema.enum !== undefined) {
          expect(schema, name).to.have.property("description").that.is.not.empty;
        }
      }
      for (const [path, { post }] of Object.entries(paths)) {
        expect(post, path).to.have.property("description").that.is.not.empty;
        expect(post, path).to.have.property("description").that.does.not.include("Refuses:");
      }
    });

    it("has types and validation rules", async () => {
      const { schemas } = (await readOpenApi()).components;
      const register = schemas["questioncloud.user.v1.RegisterUserRequest"];
      expect(register?.required).to.deep.equal(["email", "password", "name", "phone"]);
      expect(register?.properties.email).to.include({ type: "string", format: "email", maxLength: 254 });
      const password = { format: "password", minLength: 8, maxLength: 128, pattern: "^\\S+$" };
      expect(register?.properties.password).to.include(password);
      expect(register?.properties.name).to.include({ minLength: 2, maxLength: 40, pattern: "^\\S(.*\\S)?$" });
      const content = schemas["questioncloud.question.v1.QuestionContent"];
      expect(content?.required).to.include.members(["title", "description"]);
      expect(content?.properties.title).to.include({ maxLength: 100, pattern: "^.*\\S.*$" });
      expect(content?.properties.description).to.include({ maxLength: 5000, pattern: "\\S" });
      const coupon = schemas["questioncloud.coupon.v1.RegisterCouponRequest"];
      expect(coupon?.properties.code).to.include({ minLength: 4, maxLength: 32, pattern: "^[A-Za-z0-9-]*$" });
      const charge = schemas["questioncloud.point.v1.Charge"];
      expect(charge?.properties.amountPoints).to.include({ type: "string", format: "int64" });
      expect(charge?.properties.createTime).to.include({ type: "string", format: "date-time" });
      expect(charge?.properties.state).to.include({
        $ref: "#/components/schemas/questioncloud.point.v1.ChargeState",
      });
      expect(schemas["questioncloud.point.v1.ChargeState"]?.enum).to.include("CHARGE_STATE_CHARGED");
      expect(schemas["questioncloud.point.v1.ListChargesRequest"]?.properties.pageSize).to.include({
        type: "integer",
        minimum: 0,
      });
      const adjustment = schemas["questioncloud.point.v1.AdjustPointsRequest"]?.properties.deltaPoints;
      expect(adjustment).to.deep.include({ "x-minimum": "-10000000", not: { enum: ["0"] } });
    });

    it("has parameters that every generator knows: text, of which one value is an enum", async () => {
      const { paths } = await readOpenApi();
      const parameters = Object.values(paths).flatMap(({ get, post }) => [
        ...(get?.parameters ?? []),
        ...(post.parameters ?? []),
      ]);
      expect(parameters).not.to.have.property("length", 0);
      for (const { schema } of parameters) {
        expect(schema).to.include({ type: "string" }).and.not.have.property("const");
      }
    });

    it("lists the refusals of a method by HTTP status", async () => {
      const login = (await readOpenApi()).paths["/questioncloud.user.v1.AuthService/Login"]?.post;
      expect(login?.["x-refuses"]).to.deep.equal(["FAIL_LOGIN", "NOT_ACTIVE_USER"]);
      expect(login?.responses["401"]?.description).to.include("FAIL_LOGIN");
      expect(login?.responses["403"]?.description).to.include("NOT_ACTIVE_USER");
      expect(login?.responses["429"]?.description).to.include("RATE_LIMITED");
      expect(login?.responses["401"]?.["x-reasons"]).to.deep.equal(["FAIL_LOGIN", "UNAUTHORIZED_TOKEN"]);
    });
  });

  describe("pages", () => {
    const linked = ["/account", "/activate", "/reset-password", "/confirm-email", "/report-email"];
    const pages = [
      "/",
      "/cart",
      "/login",
      "/login/kakao",
      "/account/social",
      "/forgot",
      "/charge/success",
      "/charge/fail",
      "/explorer",
      ...linked,
    ];

    for (const path of [...pages, "/nowhere"]) {
      it(`answer ${path} with strict headers and no inline script`, async () => {
        const response = await get(path);
        const text = await response.text();
        expect(response.status).to.equal(path === "/nowhere" ? 404 : 200);
        expect(response.headers.get("content-type")).to.equal("text/html; charset=utf-8");
        const policy = response.headers.get("content-security-policy");
        expect(policy).to.include("default-src 'none'").and.include("frame-ancestors 'none'");
        expect(policy).not.to.include("unsafe");
        expect(response.headers.get("referrer-policy")).to.equal("no-referrer");
        expect(response.headers.get("x-content-type-options")).to.equal("nosniff");
        expect(text).not.to.match(/<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=|javascript:/i);
        for (const [, asset] of text.matchAll(/src="([^"]+)"/g)) {
          expect((await get(asset ?? "")).status, asset).to.equal(200);
        }
      });
    }

    it("load scripts whose imports exist", async () => {
      const scripts = ["home", "cart", "login", "account", "account-form", "charge", "explorer", "session"];
      for (const name of [...scripts, "social-callback", "social-accounts"]) {
        const script = await get(`/assets/${name}.js`);
        expect(script.headers.get("content-type")).to.equal("text/javascript; charset=utf-8");
        expect(script.headers.get("cache-control")).to.include("max-age");
        for (const [, file] of (await script.text()).matchAll(/from "\.\/([^"]+)"/g)) {
          expect((await get(`/assets/${file}`)).status, file).to.equal(200);
        }
      }
    });

    it("read the reason and the text of a refusal from its readable details", async () => {
      const error = toConnectError(
        toStatus(new Failure(Reason.NOT_FOUND), { language: "ko", requestId: "" }),
      );
      const { details, ...body } = errorToJson(error, undefined) as { details: object[] };
      const readable = details.map(detail => ({ ...detail, value: "" }));
      Object.assign(globalThis, { document: { querySelector: () => null } });
      const { Refusal } = await import(new URL("../../gateway/site/assets/api.js", import.meta.url).href);
      const { ko: message } = refusalOf(Reason.NOT_FOUND);
      const refusal = new Refusal(404, { ...body, details: readable });
      expect(refusal).to.include({ reason: "NOT_FOUND", message, code: "not_found", status: 404 });
    });

    it("do not use a token when they are opened", async () => {
      for (const page of linked) {
        const text = await (await get(`${page}?token=abcdefghijklmnopqrstuvwxyz`)).text();
        expect(text).not.to.include("abcdefghijklmnopqrstuvwxyz");
        expect(text).to.include("<button");
      }
    });

    it("escape what they show from the URL", async () => {
      const text = await (
        await get("/charge/fail?code=%3Cscript%3Ealert(1)%3C/script%3E&message=Call%20us")
      ).text();
      expect(text).to.include("&#60;script&#62;").and.not.include("<script>");
      expect(text).not.to.include("Call us");
      expect(html`<b title="${`"'<&>`}">`.text).to.equal(`<b title="${escapeHtml(`"'<&>`)}">`);
    });

    it("point scripts to an API on another origin", async () => {
      const other = await startSite({ port: 0, apiUrl: "https://api.questioncloud.test" });
      try {
        const response = await fetch(`${other.url}/login`);
        expect(response.headers.get("content-security-policy")).to.include(
          "connect-src 'self' https://api.questioncloud.test",
        );
        expect(await response.text()).to.include('content="https://api.questioncloud.test"');
      } finally {
        await other.stop();
      }
    });
  });

  it("does not serve files outside its assets", async () => {
    const paths = [
      "/assets/../server.ts",
      "/assets/%2e%2e/server.ts",
      "/assets/..%2fserver.ts",
      "/../../package.json",
      "//etc/passwd",
      "/assets/",
    ];
    for (const path of paths) {
      expect(await getRaw(path), path).to.equal(404);
    }
  });

  it("answers only GET and HEAD", async () => {
    expect((await get("/", { method: "POST" })).status).to.equal(405);
    const head = await get("/", { method: "HEAD" });
    expect(head.status).to.equal(200);
    expect(await head.text()).to.equal("");
  });

  it("answers 304 if a browser has the current content", async () => {
    const first = await get("/openapi.json");
    const second = await get("/openapi.json", {
      headers: { "if-none-match": first.headers.get("etag") ?? "" },
    });
    expect(second.status).to.equal(304);
  });

  it("is alive and ready", async () => {
    expect((await get("/livez")).status).to.equal(200);
    expect((await get("/readyz")).status).to.equal(200);
  });

  /** Sends a path without the normalization of fetch. */
  function getRaw(path: string): Promise<number | undefined> {
    const { hostname, port } = new URL(site.url);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path }, response => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end();
    });
  }
});
