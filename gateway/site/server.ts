import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Content, createPageContent, loadContent } from "./content.ts";
import { createSecurityHeaders, printPage } from "./layout.ts";
import { createChargeFailPage, notFoundPage } from "./pages.ts";

const drainWithinMs = 5_000;

/** How the site listens. */
export interface SiteOptions {
  /** 0 takes a free port. */
  port: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /** Origin of the API; by default that of the pages. */
  apiUrl?: string;
}

/** A site that listens. */
export interface RunningSite {
  url: string;
  /** Lets requests in flight finish, for at most five seconds. */
  stop(): Promise<void>;
}

/** Starts the site. Rejects if the port is in use. */
export async function startSite({
  port,
  host = "127.0.0.1",
  apiUrl = "",
}: SiteOptions): Promise<RunningSite> {
  const answer = createAnswer(apiUrl);
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 },
    answer,
  );
  server.listen(port, host);
  await once(server, "listening");
  const { port: boundPort } = server.address() as AddressInfo;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${shownHost}:${boundPort}`, stop: () => stop(server) };
}

function createAnswer(apiUrl: string) {
  const content = loadContent(apiUrl);
  const security = createSecurityHeaders(apiUrl);
  const notFound = createPageContent(printPage(notFoundPage, apiUrl));

  return (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(security)) {
      response.setHeader(name, value);
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD", connection: "close" }).end();
      return;
    }
    const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
    if (path === "/livez" || path === "/readyz") {
      response.writeHead(200, { "cache-control": "no-store" }).end("ready\n");
    } else if (path === "/charge/fail") {
      const page = printPage(createChargeFailPage(new URLSearchParams(query)), apiUrl);
      send(request, response, { status: 200, content: createPageContent(page) });
    } else {
      const found = content.get(path);
      send(request, response, { status: found ? 200 : 404, content: found ?? notFound });
    }
  };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, content }: { status: number; content: Content },
) {
  response.setHeader("etag", content.etag);
  response.setHeader("cache-control", content.cacheControl);
  response.setHeader("vary", "accept-encoding");
  if (status === 200 && request.headers["if-none-match"] === content.etag) {
    response.writeHead(304).end();
    return;
  }
  const zipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const body = zipped ? content.gzip : content.body;
  if (zipped) {
    response.setHeader("content-encoding", "gzip");
  }
  response.writeHead(status, { "content-type": content.type, "content-length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function stop(server: Server) {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainWithinMs);
  await closed;
  clearTimeout(timer);
}
