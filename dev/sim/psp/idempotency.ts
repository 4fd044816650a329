import { PspFailure } from "./failures.ts";
import type { Answer } from "./http.ts";
import type { Journal } from "./journal.ts";

const maxKeyLength = 300;
const maxCalls = 500_000;

interface StoredCall {
  atMs: number;
  answer: Answer | undefined;
}

export interface IdempotentCall {
  /** The first call's answer, when there is one. */
  replay: Answer | undefined;
  store(answer: Answer): void;
  /** Forgets a call that was cut off before it did anything. */
  forget(): void;
}

export interface Idempotency {
  /**
   * Opens a call. The scope is key, credentials, method and URL; the body is not compared.
   * @throws PspFailure when the key is malformed or its first call is still running.
   */
  begin(key: string | undefined, scope: { credentials: string; method: string; url: string }): IdempotentCall;
  restore(scope: string, stored: { atMs: number; answer: Answer }): void;
}

/** Stores every first answer, refusals included, for `windowMs` from the first use of its key. */
export function createIdempotency(journal: Journal, windowMs: number): Idempotency {
  const calls = new Map<string, StoredCall>();

  function dropExpired(nowMs: number): void {
    for (const [scope, stored] of calls) {
      if (nowMs - stored.atMs < windowMs && calls.size < maxCalls) {
        return;
      }
      if (stored.answer !== undefined) {
        calls.delete(scope);
      }
    }
  }

  return {
    begin(key, { credentials, method, url }) {
      if (key === undefined) {
        return { replay: undefined, store: () => {}, forget: () => {} };
      }
      if (key.length === 0 || key.length > maxKeyLength) {
        throw new PspFailure("INVALID_IDEMPOTENCY_KEY");
      }
      const atMs = Date.now();
      dropExpired(atMs);
      const scope = JSON.stringify([key, credentials, method, url]);
      const known = calls.get(scope);
      if (known !== undefined && known.answer === undefined) {
        throw new PspFailure("IDEMPOTENT_REQUEST_PROCESSING");
      }
      if (known === undefined) {
        calls.set(scope, { atMs, answer: undefined });
      }
      return {
        replay: known?.answer,
        store(answer) {
          calls.set(scope, { atMs, answer });
          journal.append({ kind: "answer", scope, atMs, ...answer });
        },
        forget: () => void calls.delete(scope),
      };
    },
    restore(scope, stored) {
      if (Date.now() - stored.atMs < windowMs) {
        calls.set(scope, stored);
      }
    },
  };
}
