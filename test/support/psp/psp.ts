import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type PspOptions, startPsp } from "#dev/sim/psp/server.ts";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";

export { until } from "../stack/until.ts";

export const secretKey = "test_sk_suite";
export const clientKey = "test_ck_suite";
export const shopOrigin = "http://shop.example";

/** A PSP of the test's own, with the other side of it and its merchants' API. */
export async function startTestPsp(options: Partial<PspOptions> = {}) {
  const psp = await startPsp({
    secretKey,
    clientKey,
    allowedOrigins: [shopOrigin],
    cancelGapMs: 0,
    ...options,
  });
  return { ...psp, sim: createPspSim(psp.url), api: createMerchant(psp.url) };
}

export function newOrderId(): string {
  return randomUUID();
}

interface ReceivedWebhook {
  headers: IncomingHttpHeaders;
  body: { eventType: string; data: { orderId: string; status: string } };
}

/** A shop's webhook endpoint that answers the given statuses in turn, then 200. */
export async function receiveWebhooks(...statuses: number[]) {
  const received: ReceivedWebhook[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) });
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/toss`,
    received,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function createMerchant(url: string) {
  async function call(method: "GET" | "POST", path: string, body?: object, key?: string) {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Basic ${btoa(`${secretKey}:`)}`,
        ...(body && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }
  return {
    call,
    confirm: (paymentKey: string, orderId: string, amount: number, key?: string) =>
      call("POST", "/v1/payments/confirm", { paymentKey, orderId, amount }, key),
    cancel: (paymentKey: string, body: object = {}, key?: string) =>
      call("POST", `/v1/payments/${paymentKey}/cancel`, { cancelReason: "고객 변심", ...body }, key),
    find: (orderId: string) => call("GET", `/v1/payments/orders/${orderId}`),
  };
}
