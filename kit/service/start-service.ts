import { setTimeout as delay } from "node:timers/promises";
import { events, protoServicesOf } from "#kit/contract/contracts.ts";
import { subscribersOf } from "#kit/contract/event.ts";
import type { Subscription } from "#kit/events/consumer.ts";
import type { Job } from "#kit/process/loop.ts";
import { startProbeServer } from "#kit/process/probes.ts";
import { type GrpcServer, startGrpcServer } from "#kit/rpc/grpc/server.ts";
import type { HttpRoute } from "#kit/rpc/http/routes.ts";
import { type HttpServer, startHttpServer } from "#kit/rpc/http/server.ts";
import type { Implementation, Route } from "#kit/rpc/implement.ts";
import { admitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { createPipeline } from "#kit/rpc/pipeline.ts";
import { createRateLimiter } from "#kit/rpc/rate-limits.ts";
import { startBackground } from "#kit/service/background.ts";
import type { Runtime } from "#kit/service/runtime.ts";

/** Everything a service does. */
interface ServiceDefinition {
  /** Every proto service that the contracts say this service serves. */
  readonly rpcs: readonly Implementation[];
  readonly httpRoutes?: readonly HttpRoute[];
  readonly subscriptions?: readonly Subscription[];
  readonly jobs?: readonly Job[];
  /** Waits for work that continues outside of calls and jobs; aborts it after `limitMs`. */
  readonly drain?: (limitMs: number) => Promise<void>;
}

/** A service that listens. */
export interface RunningService {
  readonly name: string;
  /** Drains: stops being ready, refuses new work, lets the rest finish within its limit, and closes everything. */
  stop(): Promise<void>;
}

// For what the drain limit aborts: to write how it ended. Where less time is given for the work, not more for its end.
const mostEndMs = 5000;

/** Opens the listeners of a service and starts its relay, subscriptions and jobs. */
export async function startService(app: Runtime, definition: ServiceDefinition): Promise<RunningService> {
  requireComplete(app.name, definition);
  const { log, metrics, database } = app;
  const { listen, drain } = app.config.runtime;
  const { grpc, http } = await startListeners(app, definition);
  const background = startBackground(app, definition);
  let draining = false;
  const closeProbes = await startProbeServer({
    host: listen.host,
    port: listen.probePort,
    metrics,
    async checkReady() {
      if (draining) {
        throw new Error("draining");
      }
      await database.requireWritable();
    },
  });
  log.info(
    { grpcPort: listen.grpcPort, httpPort: listen.httpPort, probePort: listen.probePort },
    "listening",
  );
  return {
    name: app.name,
    async stop() {
      draining = true;
      grpc.setServing(false);
      http.stopConnectionReuse();
      await delay(drain.delayMs);
      const limitMs = drain.limitMs + Math.min(drain.limitMs, mostEndMs);
      const finished = await within(limitMs, async () => {
        const endsMs = Date.now() + drain.limitMs;
        await Promise.all([grpc.drain(drain.limitMs), http.drain(drain.limitMs), background.stop()]);
        await definition.drain?.(Math.max(0, endsMs - Date.now()));
        await background.publishLast();
      });
      closeProbes();
      const closed = app.close();
      if (finished) {
        await closed;
        log.info("stopped");
      } else {
        closed.catch(() => {});
        log.warn("stopped with work in flight, which other replicas take over");
      }
    },
  };
}

function requireComplete(name: string, { rpcs, subscriptions = [] }: ServiceDefinition): void {
  const served = rpcs.map(({ service }) => service.typeName).sort();
  const declared = protoServicesOf(name).map(({ typeName }) => typeName);
  if (served.join() !== declared.join()) {
    throw new Error(`${name} must serve ${declared.join(", ")} and serves ${served.join(", ")}`);
  }
  const subscribed = subscriptions.map(({ event }) => event.typeName).sort();
  const named = events.filter(event => subscribersOf(event).includes(name)).map(({ typeName }) => typeName);
  if (subscribed.join() !== named.join()) {
    throw new Error(
      `${name} must subscribe to ${named.join(", ")} and subscribes to ${subscribed.join(", ")}`,
    );
  }
}

async function startListeners(
  app: Runtime,
  { rpcs, httpRoutes = [] }: ServiceDefinition,
): Promise<{ grpc: GrpcServer; http: HttpServer }> {
  const { access, certificates, database, log, metrics } = app;
  const { listen, grpc, rates } = app.config.runtime;
  const limits = {
    limit: createRateLimiter(app.redis, rates, log),
    admit: admitCalls({
      maxCalls: listen.maxCalls,
      maxWaitMs: listen.maxWaitMs,
      connectionWaitedMs: database.connectionQueue.waitedMs,
      metrics,
    }),
  };
  const listeners = {
    routes: rpcs.flatMap(({ routes }) => routes),
    pipelineOf: (route: Route) => createPipeline(route, { ...access, ...limits, log, metrics }),
    host: listen.host,
    log,
    metrics,
  };
  return {
    grpc: await startGrpcServer({
      ...listeners,
      port: listen.grpcPort,
      credentials: certificates.server,
      reflection: grpc.reflection,
      maxConnectionAgeMs: grpc.connectionAgeMs,
    }),
    http: await startHttpServer({ ...listeners, httpRoutes, port: listen.httpPort }),
  };
}

/** Waits for work; returns false where it takes longer than `limitMs`. */
async function within(limitMs: number, work: () => Promise<void>): Promise<boolean> {
  const waiting = new AbortController();
  const limit = delay(limitMs, false, { signal: waiting.signal }).catch(() => false);
  const finished = await Promise.race([work().then(() => true), limit]);
  waiting.abort();
  return finished;
}
