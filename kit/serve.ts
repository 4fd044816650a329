import type { DescService } from "@bufbuild/protobuf";
import { createServe } from "#kit/chain.ts";
import { createCleanup } from "#kit/cleanup.ts";
import { type Hearing, startConsumer } from "#kit/consumer.ts";
import { hearersOf } from "#kit/event.ts";
import type { Floor } from "#kit/floor.ts";
import { startGrpcServer } from "#kit/grpc-server.ts";
import { type HttpRoute, startHttpServer } from "#kit/http-server.ts";
import { createLeases } from "#kit/lease.ts";
import { createRateLimiter } from "#kit/limits.ts";
import { type Loop, startLoop } from "#kit/loop.ts";
import { startProbeServer } from "#kit/probe-server.ts";
import { createRelay } from "#kit/relay.ts";
import type { Route } from "#kit/route.ts";

export interface ServiceParts {
  /** The proto services of this service; every method of them needs a route. */
  readonly services: readonly DescService[];
  readonly routes: readonly Route[];
  readonly httpRoutes?: readonly HttpRoute[];
  readonly hearings?: readonly Hearing[];
  /** Loops of this service; they stop before the stores close. */
  readonly loops?: readonly Loop[];
  /** Throws while the service cannot do its work; the database is looked at in any case. */
  readonly checkReady?: () => Promise<void>;
  /** Closes what the service opened beside the floor. */
  readonly close?: () => Promise<void>;
}

/** A service that listens. */
export interface RunningService {
  readonly name: string;
  /** Turns away new work, lets the rest finish, and closes everything. */
  stop(): Promise<void>;
}

/** Opens the listeners of a service and starts its relay, consumers and clean-up. */
export async function serve(floor: Floor, parts: ServiceParts): Promise<RunningService> {
  checkComplete(floor.name, parts);
  const { config, log, metrics, database } = floor;
  const limit = createRateLimiter(floor.redis, rateLimitsOf(config), log);
  const serveOf = (route: Route) => createServe(route, { ...floor.access, limit, log, metrics });
  const listeners = { routes: parts.routes, serveOf, host: config.LISTEN_HOST };
  const grpc = await startGrpcServer({
    ...listeners,
    port: config.grpcPort,
    tls: config.tls,
    reflection: config.GRPC_REFLECTION,
    maxConnectionAgeMs: config.GRPC_CONNECTION_AGE_MS,
  });
  const drainHttp = await startHttpServer({
    ...listeners,
    httpRoutes: parts.httpRoutes ?? [],
    port: config.httpPort,
  });
  const background = await startBackground(floor, parts.hearings ?? []);
  let draining = false;
  const closeProbe = await startProbeServer({
    host: config.LISTEN_HOST,
    port: config.probePort,
    registry: metrics.registry,
    async checkReady() {
      if (draining) {
        throw new Error("draining");
      }
      await database.query("SELECT 1");
      await parts.checkReady?.();
    },
  });
  log.info(
    { grpcPort: config.grpcPort, httpPort: config.httpPort, probePort: config.probePort },
    "listening",
  );
  return {
    name: floor.name,
    async stop() {
      draining = true;
      grpc.setServing(false);
      await Promise.all([grpc.drain(config.DRAIN_LIMIT_MS), drainHttp(config.DRAIN_LIMIT_MS)]);
      await Promise.all((parts.loops ?? []).map(loop => loop.stop()));
      await background();
      closeProbe();
      await parts.close?.();
      await floor.close();
      log.info("stopped");
    },
  };
}

function checkComplete(name: string, { services, routes, hearings = [] }: ServiceParts): void {
  for (const method of services.flatMap(service => service.methods)) {
    if (routes.filter(route => route.method === method).length !== 1) {
      throw new Error(`${method.parent.typeName}/${method.name} needs exactly one route`);
    }
  }
  for (const { event } of hearings) {
    if (!hearersOf(event).includes(name)) {
      throw new Error(`${event.typeName} does not name ${name} as hearer`);
    }
  }
}

function rateLimitsOf(config: Floor["config"]) {
  return {
    read: config.RATE_READ_PER_MINUTE,
    write: config.RATE_WRITE_PER_MINUTE,
    money: config.RATE_MONEY_PER_MINUTE,
    secret: config.RATE_SECRET_PER_MINUTE,
    mail: config.RATE_MAIL_PER_MINUTE,
  };
}

const cleanupIntervalMs = 60_000;

async function startBackground(floor: Floor, hearings: readonly Hearing[]): Promise<() => Promise<void>> {
  const { config, log, metrics, database, name } = floor;
  const relay = startLoop({
    name: "relay",
    intervalMs: config.OUTBOX_POLL_MS,
    run: createRelay({
      database,
      sns: floor.sns,
      topicArnPrefix: `arn:aws:sns:${config.AWS_REGION}:${config.AWS_ACCOUNT_ID}:`,
      metrics,
      log,
      retryMs: config.OUTBOX_RETRY_MS,
      maxAttempts: config.OUTBOX_ATTEMPTS_MAX,
    }),
    log,
    metrics,
  });
  floor.onAppend(() => relay.wake());
  const runWithLease = createLeases(floor.redis);
  const cleanUp = createCleanup(database, config.OUTBOX_KEEP_DAYS);
  const cleanup = startLoop({
    name: "cleanup",
    intervalMs: cleanupIntervalMs,
    run: async () => (await runWithLease(`${name}-cleanup`, cleanupIntervalMs, cleanUp)) ?? false,
    log,
    metrics,
  });
  const stopConsumers = await Promise.all(
    hearings.map(hearing =>
      startConsumer(hearing, {
        service: name,
        database,
        sqs: floor.sqs,
        log,
        metrics,
        waitSeconds: config.QUEUE_WAIT_SECONDS,
        visibilitySeconds: config.QUEUE_VISIBILITY_SECONDS,
      }),
    ),
  );
  return async () => {
    await Promise.all([...stopConsumers.map(stop => stop()), cleanup.stop()]);
    await relay.stop();
  };
}
