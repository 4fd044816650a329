import type { Logger } from "#kit/process/log.ts";

/** Logs the outage of a store once per change of state, however often it is noticed. */
export interface OutageLog {
  failed(error: unknown): void;
  recovered(): void;
}

/** Creates the log of one store, named as in `redis unavailable`. */
export function createOutageLog(log: Logger, store: string): OutageLog {
  let isUnavailable = false;
  return {
    failed(error) {
      if (!isUnavailable) {
        isUnavailable = true;
        log.warn({ err: error, store }, `${store} unavailable`);
      }
    },
    recovered() {
      if (isUnavailable) {
        isUnavailable = false;
        log.info({ store }, `${store} available again`);
      }
    },
  };
}
