import { setTimeout as delay } from "node:timers/promises";
import { events, protoServicesOf } from "#kit/contract/contracts.ts";
import { queueOf, subscribersOf } from "#kit/contract/event.ts";
import { createCleanup } from "#kit/events/cleanup.ts";
import { type Subscription, startConsumer } from "#kit/events/consumer.ts";
import { measureDeadLetters } from "#kit/events/measure-dead-letters.ts";
import { measureOutbox } from "#kit/events/measure-outbox.ts";
import { createRelay } from "#kit/events/relay.ts";
import { type Job, job, startJob } from "#kit/process/loop.ts";
import { startProbeServer } from "#kit/process/probes.ts";
import { type GrpcServer, startGrpcServer } from "#kit/rpc/grpc-server.ts";
import { type HttpRoute, type HttpServer, startHttpServer } from "#kit/rpc/http-server.ts";
import type { Implementation, Route } from "#kit/rpc/implement.ts";
import { createPipeline } from "#kit/rpc/pipeline.ts";
import { createRateLimiter } from "#kit/rpc/rate-limits.ts";
import type { Runtime } from "#kit/service/runtime.ts";

/** Everything a service does. */
interface ServiceDefinition {
  /** Every proto service that the contracts say this service serves. */
  readonly rpcs: readonly Implementation[];
  readonly httpRoutes?: readonly HttpRoute[];
  readonly subscriptions?: readonly Subscription[];
  readonly jobs?: readonly Job[];
  /** Waits for work that continues outside of calls and jobs. */
  readonly drain?: () => Promise<void>;
}

/** A service that listens. */
export interface RunningService {
  readonly name: string;
  /** Drains: stops being ready, refuses new work, lets the rest finish, and closes everything. */
  stop(): Promise<void>;
}

/** Opens the listeners of a service and starts its relay, subscriptions, jobs and cleanup. */
export async function startService(app: Runtime, definition: ServiceDefinition): Promise<RunningService> {
  requireComplete(app.name, definition);
  const { log, metrics, database } = app;
  const { listen, drain } = app.config.runtime;
  const { grpc, http } = await startListeners(app, definition);
  const stopBackground = await startBackground(app, definition);
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
      await Promise.all([grpc.drain(drain.limitMs), http.drain(drain.limitMs)]);
      await stopBackground();
      closeProbes();
      await app.close();
      log.info("stopped");
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
  const { access, log, metrics } = app;
  const { listen, tls, grpc, rates } = app.config.runtime;
  const limit = createRateLimiter(app.redis, rates, log);
  const listeners = {
    routes: rpcs.flatMap(({ routes }) => routes),
    pipelineOf: (route: Route) => createPipeline(route, { ...access, limit, log, metrics }),
    host: listen.host,
    log,
    metrics,
  };
  return {
    grpc: await startGrpcServer({
      ...listeners,
      port: listen.grpcPort,
      tls:
        tls.certFile === undefined || tls.keyFile === undefined
          ? undefined
          : { certFile: tls.certFile, keyFile: tls.keyFile },
      reflection: grpc.reflection,
      maxConnectionAgeMs: grpc.connectionAgeMs,
    }),
    http: await startHttpServer({ ...listeners, httpRoutes, port: listen.httpPort }),
  };
}

const cleanupIntervalMs = 60_000;
const deadLetterIntervalMs = 60_000;

async function startBackground(
  app: Runtime,
  { subscriptions = [], jobs = [], drain }: ServiceDefinition,
): Promise<() => Promise<void>> {
  const { log, metrics, database, sqs, name } = app;
  const { outbox, queue } = app.config.runtime;
  const queues = subscriptions.map(({ event }) => queueOf(event, name));
  const cleanUp = createCleanup(database, outbox.keepDays);
  const publishDue = relayRun(app);
  const relay = startJob(job("relay", outbox.pollMs, publishDue, app.relayWakeup), app);
  const running = [
    job(
      "cleanup",
      cleanupIntervalMs,
      async () => (await app.runWithLease(`${name}-cleanup`, cleanupIntervalMs, cleanUp)) ?? false,
    ),
    job("measure-outbox", outbox.pollMs, measureOutbox(app)),
    job("measure-dead-letters", deadLetterIntervalMs, measureDeadLetters(queues, app)),
    ...jobs,
  ].map(each => startJob(each, app));
  const stopConsumers = await Promise.all(
    subscriptions.map(subscription =>
      startConsumer(subscription, { service: name, database, sqs, log, metrics, ...queue }),
    ),
  );
  return async () => {
    await Promise.all([...stopConsumers.map(stop => stop()), ...running.map(each => each.stop())]);
    await drain?.();
    await relay.stop();
    // Once more, for what the others committed last; where that fails, another replica publishes it.
    await publishDue().catch((error: unknown) => log.warn({ err: error }, "outbox not published at stop"));
  };
}

function relayRun({ database, sns, metrics, log, config }: Runtime): () => Promise<boolean> {
  const { aws, outbox } = config.runtime;
  return createRelay({
    database,
    sns,
    topicArnPrefix: `arn:aws:sns:${aws.region}:${aws.accountId}:`,
    metrics,
    log,
    retryMs: outbox.retryMs,
    maxAttempts: outbox.attemptsMax,
  });
}
