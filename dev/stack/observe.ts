import { join } from "node:path";
import { reservePorts } from "./servers/ports.ts";
import { startPrometheus } from "./servers/prometheus.ts";
import { startNode } from "./services.ts";
import type { Stack } from "./stack.ts";
import { startAll } from "./start-all.ts";

interface ObserveOptions {
  readonly log: (line: string) => void;
  readonly scrapeSeconds: number;
  /** How often invariants are verified. */
  readonly verifySeconds: number;
}

/** What watches a stack. */
interface Observer {
  readonly prometheusUrl: string;
  stop(): Promise<void>;
}

const portBase = 25_000;

/**
 * Starts a Prometheus that scrapes all services of a stack, with all rules, and verifies the invariants again and
 * again. Undefined where there is no Prometheus; the log says why.
 */
export async function observeStack(stack: Stack, options: ObserveOptions): Promise<Observer | undefined> {
  const { log, scrapeSeconds, verifySeconds } = options;
  const { ports, release } = await reservePorts({
    base: portBase,
    count: 2,
    file: join(stack.dir, "observer-ports.json"),
  });
  const [port = 0, verifierPort = 0] = ports;
  const verifier = `127.0.0.1:${verifierPort}`;
  const services = Object.entries(stack.ports.services).map(
    ([name, { probe }]) => [name, `127.0.0.1:${probe}`] as const,
  );
  const prometheus = await startPrometheus({
    dir: stack.dir,
    port,
    log,
    scrapeSeconds,
    targets: [...services, ["invariants", verifier]],
  });
  if (prometheus === undefined) {
    await release();
    return undefined;
  }
  const [invariants] = await startAll([
    startNode(
      { dir: stack.dir, log, portBase, processes: false },
      {
        name: "invariants",
        script: "ops/verify-invariants.ts",
        args: ["--listen", verifier, "--every-seconds", String(verifySeconds), "--grace-seconds", "60"],
        env: stack.env,
        ready: [`http://${verifier}/livez`],
      },
    ),
  ]);
  return {
    prometheusUrl: prometheus.url,
    async stop() {
      await Promise.all([invariants.stop(), prometheus.stop()]);
      await release();
    },
  };
}
