import { queueOf } from "#kit/contract/event.ts";
import { type Subscription, startConsumer } from "#kit/events/consumer.ts";
import { measureDeadLetters } from "#kit/events/measure-dead-letters.ts";
import { measureOutbox } from "#kit/events/measure-outbox.ts";
import { createRelay } from "#kit/events/relay.ts";
import { removeOldEvents } from "#kit/events/remove-old-events.ts";
import { type Job, job, startJob } from "#kit/process/loop.ts";
import type { Runtime } from "#kit/service/runtime.ts";

const cleanupIntervalMs = 60_000;
const deadLetterIntervalMs = 60_000;

interface Work {
  readonly subscriptions?: readonly Subscription[];
  readonly jobs?: readonly Job[];
}

/** The relay, subscriptions and jobs of a service. */
interface Background {
  /** Stops everything but the relay: what is in flight ends, nothing starts. */
  stop(): Promise<void>;
  /** Stops the relay, and publishes once more what was committed last. */
  publishLast(): Promise<void>;
}

/** Starts the relay, the subscriptions, and the jobs of a service. */
export function startBackground(app: Runtime, { subscriptions = [], jobs = [] }: Work): Background {
  const { log, metrics, database, sqs, name } = app;
  const { outbox, queue } = app.config.runtime;
  const queues = subscriptions.map(({ event }) => queueOf(event, name));
  const removeEvents = removeOldEvents(database, outbox.keepDays);
  const publishDue = relayRun(app);
  const relay = startJob(job("relay", outbox.pollMs, publishDue, app.relayWakeup), app);
  const running = [
    job(
      "remove-old-events",
      cleanupIntervalMs,
      async () =>
        (await app.runWithLease(`${name}-remove-old-events`, cleanupIntervalMs, removeEvents)) ?? false,
    ),
    job("measure-outbox", outbox.pollMs, measureOutbox(app)),
    job("measure-dead-letters", deadLetterIntervalMs, measureDeadLetters(queues, app)),
    ...jobs,
  ].map(each => startJob(each, app));
  const stopConsumers = subscriptions.map(subscription =>
    startConsumer(subscription, { service: name, database, sqs, log, metrics, ...queue }),
  );
  return {
    async stop() {
      await Promise.all([...stopConsumers.map(stop => stop()), ...running.map(each => each.stop())]);
    },
    async publishLast() {
      await relay.stop();
      // Where that fails, another replica publishes it.
      await publishDue().catch((error: unknown) => log.warn({ err: error }, "outbox not published at stop"));
    },
  };
}

function relayRun({
  database,
  sns,
  metrics,
  log,
  config,
}: Runtime): (signal?: AbortSignal) => Promise<boolean> {
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
