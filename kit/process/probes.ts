import { createServer, type Server } from "node:http";
import type { Metrics } from "#kit/process/metrics.ts";

interface ProbeServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Pick<Metrics, "scrape" | "contentType">;
  /** Throws while the service cannot do its work. */
  readonly checkReady: () => Promise<void>;
}

/**
 * Listens for `/livez`, `/readyz` and `/metrics`, on a port that is never routed. Returns a function that closes it.
 */
export async function startProbeServer(options: ProbeServerOptions): Promise<() => void> {
  const server: Server = createServer(async (request, response) => {
    if (request.url === "/metrics") {
      const text = await options.metrics.scrape();
      response.writeHead(200, { "content-type": options.metrics.contentType }).end(text);
    } else if (request.url === "/livez") {
      response.writeHead(200).end("alive\n");
    } else if (request.url === "/readyz") {
      const problem = await options.checkReady().then(
        () => undefined,
        (error: unknown) => String(error),
      );
      response.writeHead(problem === undefined ? 200 : 503).end(`${problem ?? "ready"}\n`);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
