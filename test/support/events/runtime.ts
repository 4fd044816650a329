import { join } from "node:path";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { root } from "#dev/stack/root.ts";
import { startAws } from "#dev/stack/servers/aws.ts";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { startMariadb } from "#dev/stack/servers/mariadb.ts";
import { createSchemas } from "#dev/stack/servers/mariadb-schemas.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { migrate } from "#kit/data/migrate.ts";
import { awsClientOptions } from "#kit/events/aws.ts";
import { type ConsumerOptions, type Subscription, startConsumer } from "#kit/events/consumer.ts";
import { createRelay, type RelayOptions } from "#kit/events/relay.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { readDepth } from "#ops/events/queues.ts";
import { applyTopology } from "#ops/topology.ts";
import { receivesMax, topicArnPrefix, visibilitySeconds } from "./delivery.ts";

const user = "runtime";
const password = "runtime-password";

/**
 * MariaDB and queues without any service: an outbox, an inbox and a table of effects in the schema of every service.
 */
export interface EventRuntime {
  /** The variables that services and commands read. */
  readonly env: Readonly<Record<string, string>>;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly metrics: ReturnType<typeof createMetrics>;
  database(service: string): Database;
  /** A schema for one test, with the same tables. */
  openSchema(): Promise<Database>;
  createRelay(
    options: Partial<RelayOptions> & Pick<RelayOptions, "database">,
  ): (signal?: AbortSignal) => Promise<boolean>;
  startConsumer(
    service: string,
    subscription: Subscription,
    options?: Partial<ConsumerOptions>,
  ): () => Promise<void>;
  queueUrl(queue: string): Promise<string>;
  /** Messages in a queue, those in flight included. */
  depth(queue: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startEventRuntime(): Promise<EventRuntime> {
  const run = await claimTemporaryDirectory(join(root, ".data"), "events");
  const block = await reservePorts({ base: 27_000, count: 2 });
  const [mariadbPort = 0, awsPort = 0] = block.ports;
  const quiet = { dir: run.dir, log: () => {} };
  const [mariadb, aws] = await Promise.all([
    startMariadb({ ...quiet, port: mariadbPort }),
    startAws({ ...quiet, port: awsPort, keepData: false }),
  ]);
  const urlOf = (schema: string) => `mariadb://${user}:${password}@${new URL(mariadb.url).host}/${schema}`;
  const env = environment(aws, urlOf);
  process.env.AWS_ACCESS_KEY_ID ??= "local";
  process.env.AWS_SECRET_ACCESS_KEY ??= "local";
  const schemas = await openSchemas(mariadb.url, urlOf, serviceNames);
  await applyTopology(env);
  const clients = awsClientOptions(aws);
  const sns = new SNSClient(clients);
  const sqs = new SQSClient(clients);
  const metrics = createMetrics("events");
  const log = createLog("events", "silent");
  const database = (service: string) => schemas.get(service) as Database;
  const relayDefaults = {
    sns,
    topicArnPrefix: topicArnPrefix(env),
    metrics,
    log,
    retryMs: 100,
    maxAttempts: 4,
  };
  const consumerDefaults = { sqs, log, metrics, waitSeconds: 1, visibilitySeconds, deleteDelayMs: 20 };
  return {
    env,
    sns,
    sqs,
    metrics,
    database,
    async openSchema() {
      const name = `events_${crypto.randomUUID().slice(0, 8)}`;
      const opened = await openSchemas(mariadb.url, urlOf, [name]);
      schemas.set(name, opened.get(name) as Database);
      return database(name);
    },
    createRelay: options => createRelay({ ...relayDefaults, ...options }),
    startConsumer: (service, subscription, options) =>
      startConsumer(subscription, {
        ...consumerDefaults,
        service,
        database: database(service),
        ...options,
      }),
    async queueUrl(queue) {
      return (await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))).QueueUrl ?? "";
    },
    async depth(queue) {
      const { waiting, inFlight } = await readDepth(sqs, queue);
      return waiting + inFlight;
    },
    async stop() {
      await Promise.all([...schemas.values()].map(each => each.close()));
      sns.destroy();
      sqs.destroy();
      await Promise.all([mariadb.stop(), aws.stop()]);
      await block.release();
      await run.release();
    },
  };
}

function environment(
  aws: { region: string; endpoint: string },
  urlOf: (schema: string) => string,
): Record<string, string> {
  const databases = serviceNames.flatMap(service => [
    [`${service.toUpperCase()}_DATABASE_URL`, urlOf(service)],
    [`${service.toUpperCase()}_MIGRATION_DATABASE_URL`, urlOf(service)],
  ]);
  return {
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCOUNT_ID: "000000000000",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    QUEUE_RECEIVES_MAX: String(receivesMax),
    QUEUE_VISIBILITY_SECONDS: String(visibilitySeconds),
    ...Object.fromEntries(databases),
  };
}

async function openSchemas(
  adminUrl: string,
  urlOf: (schema: string) => string,
  names: readonly string[],
): Promise<Map<string, Database>> {
  await createSchemas(
    adminUrl,
    names.map(schema => ({ schema, owner: user, user, password })),
  );
  const opened = names.map(async name => {
    const database = createDatabase({ url: urlOf(name), poolSize: 12 });
    await migrate(database, new URL("../../../kit/data/migrations/", import.meta.url));
    await database.execute(
      `CREATE TABLE effect (effect_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, event_id CHAR(36) NOT NULL,
        subject VARCHAR(300) NOT NULL, trace_id CHAR(32) NULL)`,
    );
    return [name, database] as const;
  });
  return new Map(await Promise.all(opened));
}
