import type { IncomingMessage } from "node:http";
import type { Floor } from "#kit/floor.ts";
import { clientAddressOf } from "#kit/grpc-server.ts";
import type { HttpRoute } from "#kit/http-server.ts";
import type { Pg } from "../pg/pg.ts";
import { hint } from "../store/charge-claims.ts";
import type { WebhookLimits } from "../store/webhook-limits.ts";

/**
 * Takes Toss's payment events. They are not signed, so one is only a hint to ask Toss about a charge: forged or repeated ones change nothing,
 * and every one is answered with 200.
 */
export function createTossWebhook({ database, pg, limits, wakeReconciler }: Dependencies): HttpRoute {
  return {
    method: "POST",
    path: "/webhooks/toss",
    async handle(request, response) {
      const body = await readBody(request);
      const event = body && pg.verifyWebhook(request.headers, body);
      if (event !== undefined && (await limits.allow(addressOf(request), event.chargeId))) {
        if (await hint(database, event.chargeId)) {
          wakeReconciler();
        }
      }
      response.writeHead(200, body === undefined ? { connection: "close" } : {}).end();
    },
  };
}

const bodyBytesMax = 64 * 1024;

/** The body, or undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function addressOf(request: IncomingMessage): string {
  const forwarded = request.headers["x-forwarded-for"];
  const headers = new Headers(forwarded === undefined ? {} : { "x-forwarded-for": `${forwarded}` });
  return clientAddressOf(headers, request.socket.remoteAddress ?? "unknown");
}

interface Dependencies extends Pick<Floor, "database"> {
  readonly pg: Pick<Pg, "verifyWebhook">;
  readonly limits: WebhookLimits;
  readonly wakeReconciler: () => void;
}
