import type { IncomingMessage } from "node:http";
import { requestRecheck } from "#kit/data/tasks.ts";
import type { HttpRoute } from "#kit/rpc/http/routes.ts";
import { clientAddressOf } from "#kit/rpc/request-headers.ts";
import type { App } from "../app.ts";
import { chargeTask, findCharge } from "../db/charges.ts";
import type { Psp, WebhookOutcome } from "../psp/psp.ts";

/**
 * Receives the webhooks of every PSP. A webhook only requests a recheck of its charge, so a forged or repeated one
 * changes nothing.
 */
export function pspWebhook(app: Dependencies): HttpRoute {
  return {
    method: "POST",
    path: "/webhooks/{psp}",
    async handle(request, response) {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const name = pathname.slice(pathname.lastIndexOf("/") + 1);
      const psp = app.psps.all.find(each => each.name === name);
      if (psp === undefined) {
        response.writeHead(404, { connection: "close" }).end();
        return;
      }
      const body = await readBody(request);
      const outcome = body === undefined ? "ignored" : await accept(app, psp, request, body);
      const headers = body === undefined ? { connection: "close" } : {};
      response.writeHead(psp.webhookStatus(outcome), headers).end();
    },
  };
}

const bodyBytesMax = 64 * 1024;

/** The body, or undefined where it is too large. */
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

async function accept(
  { database, webhookLimits, reconcileWakeup }: Dependencies,
  psp: Psp,
  request: IncomingMessage,
  body: Uint8Array,
): Promise<WebhookOutcome> {
  const event = psp.parseWebhook(request.headers, body);
  if (event === undefined) {
    return "ignored";
  }
  if (!(await webhookLimits.allow({ psp: psp.name, address: addressOf(request) }, event.chargeId))) {
    return "limited";
  }
  const charge = await findCharge(database, event.chargeId);
  if (charge?.provider !== psp.name) {
    return "ignored";
  }
  await requestRecheck(database, chargeTask, charge.chargeId);
  reconcileWakeup.wake();
  return "accepted";
}

function addressOf({ headers, socket }: IncomingMessage): string {
  const forwarded = headers["x-forwarded-for"];
  return clientAddressOf(
    new Headers(forwarded === undefined ? {} : { "x-forwarded-for": `${forwarded}` }),
    socket.remoteAddress ?? "unknown",
  );
}

type Dependencies = Pick<App, "database" | "psps" | "webhookLimits" | "reconcileWakeup">;
