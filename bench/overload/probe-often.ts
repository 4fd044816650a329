import { setTimeout as delay } from "node:timers/promises";

const everyMs = 250;
// As in Kubernetes.
const timeouts = { "/livez": 5000, "/readyz": 2000 } as const;

/** How the probes of some seconds went. */
export interface Probed {
  readonly slowestMs: number;
  readonly failed: number;
}

/** Asks both probes of a service again and again until it is stopped. */
export function probeOften(url: string): { stop(): Promise<Probed> } {
  const stopping = new AbortController();
  let slowestMs = 0;
  let failed = 0;
  const probe = async (path: keyof typeof timeouts) => {
    while (!stopping.signal.aborted) {
      const startMs = performance.now();
      const answered = await fetch(url + path, { signal: AbortSignal.timeout(timeouts[path]) })
        .then(({ ok }) => ok)
        .catch(() => false);
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
      failed += answered ? 0 : 1;
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const both = Promise.all([probe("/livez"), probe("/readyz")]);
  return {
    async stop() {
      stopping.abort();
      await both;
      return { slowestMs, failed };
    },
  };
}
