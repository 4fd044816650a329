import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";
import { printPage } from "./layout.ts";
import { createOpenApi } from "./openapi/document.ts";
import { pages } from "./pages.ts";

/** A response that is prepared at startup. */
export interface Content {
  type: string;
  body: Buffer;
  gzip: Buffer;
  etag: string;
  cacheControl: string;
}

const types = new Map([
  [".js", "text/javascript; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

/** Everything that the site serves, by path. A request path is only looked up here, so it cannot reach other files. */
export function loadContent(apiUrl: string): ReadonlyMap<string, Content> {
  const folder = new URL("assets/", import.meta.url);
  const content = new Map<string, Content>();
  for (const name of readdirSync(folder)) {
    const type = types.get(extname(name));
    if (type) {
      const body = readFileSync(new URL(name, folder));
      content.set(`/assets/${name}`, createContent(body, type, "public, max-age=300"));
    }
  }
  for (const [path, page] of pages) {
    content.set(path, createPageContent(printPage(page, apiUrl)));
  }
  const openApi = Buffer.from(JSON.stringify(createOpenApi(apiUrl)));
  content.set("/openapi.json", createContent(openApi, "application/json", "public, max-age=300"));
  return content;
}

/** A page that browsers store and revalidate. */
export function createPageContent(text: string): Content {
  return createContent(Buffer.from(text), "text/html; charset=utf-8", "no-cache");
}

function createContent(body: Buffer, type: string, cacheControl: string): Content {
  const etag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { type, body, gzip: gzipSync(body), etag, cacheControl };
}
