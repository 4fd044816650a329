import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BrowserContext, Page } from "playwright-core";
import type { PageCall, PageOutcome } from "./shop-client.ts";

/** A page of somebody else's web application, which calls the gateway with connect-web. */
interface ShopPage {
  readonly page: Page;
  call(call: Omit<PageCall, "gatewayUrl">): Promise<PageOutcome>;
}

/** A server of such pages, on any origin of loopback. */
export interface ShopServer {
  /** Opens a tab; `host` says on which origin. */
  open(context: BrowserContext, gatewayUrl: string, host?: "127.0.0.1" | "localhost"): Promise<ShopPage>;
  stop(): Promise<void>;
}

const entry = fileURLToPath(new URL("./shop-client.ts", import.meta.url));

/** Bundles the client, and serves a page with it. */
export async function startShopServer(): Promise<ShopServer> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
  });
  const script = outputFiles[0]?.text ?? "";
  const html = `<!doctype html><title>shop</title><script>${script.replaceAll("</script", "<\\/script")}</script>`;
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    async open(context, gatewayUrl, host = "127.0.0.1") {
      const page = await context.newPage();
      await page.goto(`http://${host}:${port}/`);
      return {
        page,
        async call(call) {
          const given = JSON.stringify({ gatewayUrl, ...call });
          return JSON.parse(await page.evaluate(callFromPage, given)) as PageOutcome;
        },
      };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Runs in the page. */
async function callFromPage(given: string): Promise<string> {
  const { callShop } = globalThis as unknown as { callShop(call: unknown): Promise<unknown> };
  return JSON.stringify(await callShop(JSON.parse(given)));
}
