import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createApi } from "./api.ts";
import { createCallLog } from "./call-log.ts";
import { PspFailure } from "./failures.ts";
import { failureAnswer, findRoute, type Reply, type Route, send } from "./http.ts";
import { createIdempotency, type Idempotency } from "./idempotency.ts";
import { type Journal, openJournal } from "./journal.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createPage } from "./page.ts";
import type { Payment } from "./payment.ts";
import { createPaymentStore, type PaymentStore } from "./payment-store.ts";
import { createScripts } from "./script.ts";
import { createSim } from "./sim.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

export interface PspOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  secretKey: string;
  clientKey: string;
  /** Where webhooks go; none are sent when absent. */
  webhookUrl?: string;
  /** Where the journal is stored; without it nothing outlives the process. */
  dataDir?: string;
  /** Origins to which the payment page may send a buyer back. */
  allowedOrigins: readonly string[];
  readyMs?: number;
  inProgressMs?: number;
  cancelGapMs?: number;
  idempotencyWindowMs?: number;
  retryUnitMs?: number;
  webhookResponseLimitMs?: number;
}

interface RunningPsp {
  url: string;
  stop(): Promise<void>;
}

const minuteMs = 60_000;

/** A stand-in for Toss Payments (API 2022-11-16) on the loopback address, with a ledger of its own. */
export async function startPsp(options: PspOptions): Promise<RunningPsp> {
  const journal = await openJournal(options.dataDir);
  const parts = createParts(options, journal);
  const server = createServer((request, response) => void answer(parts.routes, journal, request, response));
  server.requestTimeout = 30_000;
  await listen(server, options.port ?? 0).catch(async error => {
    parts.webhooks.stop();
    await journal.close();
    throw error;
  });
  const expiry = setInterval(parts.payments.expireDue, parts.expiryPollMs);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      clearInterval(expiry);
      parts.webhooks.stop();
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await journal.close();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

function createParts(options: PspOptions, journal: Journal) {
  const windows = {
    readyMs: options.readyMs ?? 30 * minuteMs,
    inProgressMs: options.inProgressMs ?? 10 * minuteMs,
    cancelGapMs: options.cancelGapMs ?? 1_000,
  };
  const delivery = {
    url: options.webhookUrl,
    retryUnitMs: options.retryUnitMs ?? minuteMs,
    responseLimitMs: options.webhookResponseLimitMs ?? 10_000,
  };
  const { secretKey, clientKey, allowedOrigins } = options;
  const ledger = createLedger();
  const scripts = createScripts();
  const callLog = createCallLog();
  const idempotency = createIdempotency(journal, options.idempotencyWindowMs ?? 15 * 24 * 60 * minuteMs);
  const webhooks = createWebhooks(delivery, journal);
  const onStatus = (payment: Payment) => webhooks.queue(payment, scripts.webhookOf(payment.orderId));
  const payments = createPaymentStore({ ledger, journal, windows, onStatus });
  restore(journal, { payments, ledger, idempotency, webhooks });
  return {
    payments,
    webhooks,
    expiryPollMs: Math.min(5_000, Math.max(20, Math.min(windows.readyMs, windows.inProgressMs) / 4)),
    routes: [
      ...createApi({ secretKey, payments, ledger, scripts, idempotency, callLog }),
      ...createSim({ payments, ledger, scripts, webhooks, callLog }),
      ...createPage({ clientKey, allowedOrigins, payments }),
    ],
  };
}

function restore(
  journal: Journal,
  into: { payments: PaymentStore; ledger: Ledger; idempotency: Idempotency; webhooks: Webhooks },
): void {
  const unsent = new Map<string, string>();
  for (const entry of journal.entries.splice(0)) {
    if (entry.kind === "payment") {
      into.payments.restore(entry.record);
      if (entry.row) {
        into.ledger.restore(entry.row);
      }
    } else if (entry.kind === "answer") {
      const { scope, atMs, status, body } = entry;
      into.idempotency.restore(scope, { atMs, answer: { status, body } });
    } else if (entry.kind === "webhook") {
      unsent.set(entry.id, entry.body);
    } else {
      unsent.delete(entry.id);
    }
  }
  for (const [id, body] of unsent) {
    into.webhooks.restore(id, body);
  }
}

/** Answers only when everything that the answer reports is on disk. */
async function answer(
  routes: readonly Route[],
  journal: Journal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const reply = await route(routes, request);
    await journal.synced();
    await send(reply, request, response);
  } catch (error) {
    console.error("request failed", error);
    request.socket.destroy();
  }
}

async function route(routes: readonly Route[], request: IncomingMessage): Promise<Reply> {
  const method = request.method ?? "GET";
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  try {
    const found = findRoute(routes, method, url.pathname);
    if (found === undefined) {
      throw new PspFailure("NOT_FOUND");
    }
    return await found.route.handle({ method, url, params: found.params, request });
  } catch (error) {
    if (error instanceof PspFailure) {
      return { kind: "answer", answer: failureAnswer(error) };
    }
    throw error;
  }
}
