import { PgFailure } from "./failures.ts";
import type { Answer } from "./http.ts";
import type { Journal } from "./journal.ts";

const MAX_KEY_LENGTH = 300;
const MAX_CALLS = 500_000;

interface Kept {
  atMs: number;
  answer: Answer | undefined;
}

export interface IdempotentCall {
  /** The first call's answer, when there is one. */
  replay: Answer | undefined;
  keep(answer: Answer): void;
  /** Forgets a call that was cut off before it did anything. */
  forget(): void;
}

export interface Idempotency {
  /**
   * Opens a call. The scope is key, credentials, method and URL; the body is not compared.
   * @throws PgFailure when the key is malformed or its first call is still running.
   */
  begin(key: string | undefined, scope: { credentials: string; method: string; url: string }): IdempotentCall;
  restore(scope: string, kept: { atMs: number; answer: Answer }): void;
}

/** Keeps every first answer, refusals included, for `windowMs` counted from the first use of its key. */
export function createIdempotency(journal: Journal, windowMs: number): Idempotency {
  const calls = new Map<string, Kept>();

  function dropExpired(nowMs: number): void {
    for (const [scope, kept] of calls) {
      if (nowMs - kept.atMs < windowMs && calls.size < MAX_CALLS) return;
      if (kept.answer !== undefined) calls.delete(scope);
    }
  }

  return {
    begin(key, { credentials, method, url }) {
      if (key === undefined) return { replay: undefined, keep: () => {}, forget: () => {} };
      if (key.length === 0 || key.length > MAX_KEY_LENGTH) throw new PgFailure("INVALID_IDEMPOTENCY_KEY");
      const atMs = Date.now();
      dropExpired(atMs);
      const scope = JSON.stringify([key, credentials, method, url]);
      const known = calls.get(scope);
      if (known !== undefined && known.answer === undefined)
        throw new PgFailure("IDEMPOTENT_REQUEST_PROCESSING");
      if (known === undefined) calls.set(scope, { atMs, answer: undefined });
      return {
        replay: known?.answer,
        keep(answer) {
          calls.set(scope, { atMs, answer });
          journal.append({ kind: "answer", scope, atMs, ...answer });
        },
        forget: () => void calls.delete(scope),
      };
    },
    restore(scope, kept) {
      if (Date.now() - kept.atMs < windowMs) calls.set(scope, kept);
    },
  };
}
