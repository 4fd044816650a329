import { randomUUID } from "node:crypto";
import type { Journal } from "./journal.ts";
import type { Payment } from "./payment.ts";

const maxRetries = 7;
const maxPending = 10_000;

interface WebhookOptions {
  url: string | undefined;
  /** Retries follow after 1, 4, 16, … times this. */
  retryUnitMs: number;
  /** A receiver that takes longer has failed. */
  responseLimitMs: number;
}

export interface Webhooks {
  /** Sends the payment's present state, `times` times, and again until each one is answered by 200. */
  queue(payment: Payment, how: { times: number; delayMs: number }): void;
  restore(id: string, body: string): void;
  pending(): number;
  stop(): void;
}

export function createWebhooks(options: WebhookOptions, journal: Journal): Webhooks {
  const timers = new Map<string, NodeJS.Timeout>();
  const stopping = new AbortController();

  function schedule(id: string, body: string, retried: number, delayMs: number): void {
    const timer = setTimeout(() => void attempt(id, body, retried), delayMs);
    timers.set(id, timer);
  }

  async function attempt(id: string, body: string, retried: number): Promise<void> {
    await journal.synced();
    const delivered = await post(id, body, retried);
    if (stopping.signal.aborted) {
      return;
    }
    timers.delete(id);
    if (!delivered && retried < maxRetries) {
      return schedule(id, body, retried + 1, options.retryUnitMs * 4 ** retried);
    }
    journal.append({ kind: "webhookEnded", id });
    await journal.synced();
  }

  async function post(id: string, body: string, retried: number): Promise<boolean> {
    if (options.url === undefined) {
      return true;
    }
    try {
      const response = await fetch(options.url, {
        method: "POST",
        headers: {
          "content-type": "application/json; charset=utf-8",
          "tosspayments-webhook-transmission-id": id,
          "tosspayments-webhook-transmission-retried-count": String(retried),
          "tosspayments-webhook-transmission-time": new Date().toISOString(),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(options.responseLimitMs)]),
      });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  return {
    queue(payment, { times, delayMs }) {
      if (options.url === undefined) {
        return;
      }
      const createdAt = new Date().toISOString().slice(0, -1);
      const body = JSON.stringify({ eventType: "PAYMENT_STATUS_CHANGED", createdAt, data: payment });
      for (let copy = 0; copy < times && timers.size < maxPending; copy += 1) {
        const id = randomUUID();
        journal.append({ kind: "webhook", id, body });
        schedule(id, body, 0, delayMs);
      }
    },
    restore: (id, body) => schedule(id, body, 0, 0),
    pending: () => timers.size,
    stop() {
      stopping.abort();
      for (const timer of timers.values()) {
        clearTimeout(timer);
      }
    },
  };
}
