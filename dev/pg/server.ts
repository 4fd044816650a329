import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createApi } from "./api.ts";
import { type Books, createBooks } from "./books.ts";
import { createCallLog } from "./call-log.ts";
import { PgFailure } from "./failures.ts";
import { failureAnswer, findRoute, type Reply, type Route, send } from "./http.ts";
import { createIdempotency, type Idempotency } from "./idempotency.ts";
import { type Journal, openJournal } from "./journal.ts";
import { createPage } from "./page.ts";
import type { Payment } from "./payment.ts";
import { createPaymentStore, type PaymentStore } from "./payment-store.ts";
import { createScripts } from "./script.ts";
import { createSim } from "./sim.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

export interface PgOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  secretKey: string;
  clientKey: string;
  /** Where status changes are announced; nowhere when absent. */
  webhookUrl?: string;
  /** Where the books are kept; without it nothing outlives the process. */
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

export interface RunningPg {
  url: string;
  stop(): Promise<void>;
}

const MINUTE_MS = 60_000;

/** A stand-in for Toss Payments (API 2022-11-16) on the loopback address, with books of its own. */
export async function startPg(options: PgOptions): Promise<RunningPg> {
  const journal = await openJournal(options.dataDir);
  const gateway = createGateway(options, journal);
  const server = createServer((request, response) => void answer(gateway.routes, journal, request, response));
  server.requestTimeout = 30_000;
  await listen(server, options.port ?? 0).catch(async error => {
    gateway.webhooks.stop();
    await journal.close();
    throw error;
  });
  const expiry = setInterval(gateway.payments.expireDue, gateway.expiryPollMs);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      clearInterval(expiry);
      gateway.webhooks.stop();
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

function createGateway(options: PgOptions, journal: Journal) {
  const windows = {
    readyMs: options.readyMs ?? 30 * MINUTE_MS,
    inProgressMs: options.inProgressMs ?? 10 * MINUTE_MS,
    cancelGapMs: options.cancelGapMs ?? 1_000,
  };
  const delivery = {
    url: options.webhookUrl,
    retryUnitMs: options.retryUnitMs ?? MINUTE_MS,
    responseLimitMs: options.webhookResponseLimitMs ?? 10_000,
  };
  const { secretKey, clientKey, allowedOrigins } = options;
  const books = createBooks();
  const scripts = createScripts();
  const callLog = createCallLog();
  const idempotency = createIdempotency(journal, options.idempotencyWindowMs ?? 15 * 24 * 60 * MINUTE_MS);
  const webhooks = createWebhooks(delivery, journal);
  const onStatus = (payment: Payment) => webhooks.announce(payment, scripts.webhookOf(payment.orderId));
  const payments = createPaymentStore({ books, journal, windows, onStatus });
  restore(journal, { payments, books, idempotency, webhooks });
  return {
    payments,
    webhooks,
    expiryPollMs: Math.min(5_000, Math.max(20, Math.min(windows.readyMs, windows.inProgressMs) / 4)),
    routes: [
      ...createApi({ secretKey, payments, books, scripts, idempotency, callLog }),
      ...createSim({ payments, books, scripts, webhooks, callLog }),
      ...createPage({ clientKey, allowedOrigins, payments }),
    ],
  };
}

function restore(
  journal: Journal,
  into: { payments: PaymentStore; books: Books; idempotency: Idempotency; webhooks: Webhooks },
): void {
  const unsent = new Map<string, string>();
  for (const entry of journal.entries.splice(0)) {
    if (entry.kind === "payment") {
      into.payments.restore(entry.record);
      if (entry.row) into.books.restore(entry.row);
    } else if (entry.kind === "answer") {
      const { scope, atMs, status, body } = entry;
      into.idempotency.restore(scope, { atMs, answer: { status, body } });
    } else if (entry.kind === "webhook") unsent.set(entry.id, entry.body);
    else unsent.delete(entry.id);
  }
  for (const [id, body] of unsent) into.webhooks.restore(id, body);
}

/** Nothing is answered before what it rests on is on disk. */
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
    console.error("the gateway failed", error);
    request.socket.destroy();
  }
}

async function route(routes: readonly Route[], request: IncomingMessage): Promise<Reply> {
  const method = request.method ?? "GET";
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  try {
    const found = findRoute(routes, method, url.pathname);
    if (found === undefined) throw new PgFailure("NOT_FOUND");
    return await found.route.handle({ method, url, params: found.params, request });
  } catch (error) {
    if (error instanceof PgFailure) return { kind: "answer", answer: failureAnswer(error) };
    throw error;
  }
}
