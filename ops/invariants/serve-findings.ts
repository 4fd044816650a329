import { setTimeout as delay } from "node:timers/promises";
import { Gauge, Registry } from "prom-client";
import { startProbeServer } from "#kit/process/probes.ts";

/** What one check found. */
export interface Finding {
  readonly name: string;
  /** One line per violation, the first hundred. */
  readonly violations: readonly string[];
}

interface Serving {
  readonly host: string;
  readonly port: number;
  readonly everySeconds: number;
  readonly verify: () => Promise<readonly Finding[]>;
  /** Prints a line. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Verifies again and again, and shows on `/metrics` how many violations there are and when that was found out. A walk
 * that fails changes nothing, so that the time tells.
 */
export async function serveFindings({
  host,
  port,
  everySeconds,
  verify,
  log,
  signal,
}: Serving): Promise<void> {
  const metrics = createMetrics();
  const close = await startProbeServer({ host, port, metrics, checkReady: async () => {} });
  log(`listening on ${host}:${port}`);
  while (!signal.aborted) {
    try {
      const findings = await verify();
      metrics.show(findings);
      for (const { name, violations } of findings) {
        for (const violation of violations) {
          log(`VIOLATED ${name}: ${violation}`);
        }
      }
    } catch (error) {
      log(`not verified: ${error instanceof Error ? error.message : String(error)}`);
    }
    await delay(everySeconds * 1000, undefined, { signal }).catch(() => {});
  }
  close();
}

function createMetrics() {
  const registry = new Registry();
  const violations = new Gauge({
    name: "invariant_violations",
    help: "Violations that were found the last time, by invariant; the first hundred of each are counted.",
    labelNames: ["invariant"],
    registers: [registry],
  });
  let verifiedSeconds: number | undefined;
  new Gauge({
    name: "invariants_verified_timestamp_seconds",
    help: "When all invariants were verified last; absent before the first time.",
    // Without labels a gauge would show 0 from the start, as if that had been in 1970.
    labelNames: ["of"],
    registers: [registry],
    collect() {
      if (verifiedSeconds !== undefined) {
        this.set({ of: "all" }, verifiedSeconds);
      }
    },
  });
  return {
    contentType: registry.contentType,
    scrape: () => registry.metrics(),
    show(findings: readonly Finding[]) {
      for (const { name, violations: found } of findings) {
        violations.set({ invariant: name }, found.length);
      }
      verifiedSeconds = Date.now() / 1000;
    },
  };
}
