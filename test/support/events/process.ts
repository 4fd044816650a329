import { parseArgs } from "node:util";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createDatabase } from "#kit/data/database.ts";
import { startConsumer } from "#kit/events/consumer.ts";
import { createRelay } from "#kit/events/relay.ts";
import { createLog } from "#kit/process/log.ts";
import { job, startJob } from "#kit/process/loop.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { topicArnPrefix, visibilitySeconds } from "./delivery.ts";
import { recordEffects } from "./effects.ts";

// A replica that has only a relay or one consumer, for tests that kill it: `process.ts relay|consumer <service>`.
// With --lock a handler waits for the lock of this name in MariaDB; --visibility is the visibility timeout in
// seconds.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { lock: { type: "string" }, visibility: { type: "string" } },
});
const [part, service = ""] = positionals;
const { env } = process;
const database = createDatabase({ url: env[`${service.toUpperCase()}_DATABASE_URL`] ?? "", poolSize: 12 });
const aws = { region: env.AWS_REGION ?? "", endpoint: env.AWS_ENDPOINT_URL ?? "" };
const log = createLog(service, "warn");
const metrics = createMetrics(service);

const stop = part === "relay" ? startRelay() : startSubscription();
process.once("SIGTERM", async () => {
  await stop();
  await database.close();
  process.exit(0);
});

function startRelay(): () => Promise<void> {
  const sns = new SNSClient(aws);
  const options = { database, sns, topicArnPrefix: topicArnPrefix(env), metrics, log };
  const relay = createRelay({ ...options, retryMs: 100, maxAttempts: 4 });
  const running = startJob(job("relay", 50, relay), { log, metrics });
  return () => running.stop();
}

function startSubscription(): () => Promise<void> {
  const subscription = recordEffects(async tx => {
    if (values.lock !== undefined) {
      await tx.query("SELECT GET_LOCK(?, 20)", [values.lock]);
      await tx.query("SELECT RELEASE_LOCK(?)", [values.lock]);
    }
  });
  const sqs = new SQSClient(aws);
  const options = { service, database, sqs, log, metrics, waitSeconds: 1, deleteDelayMs: 20 };
  return startConsumer(subscription, {
    ...options,
    visibilitySeconds: Number(values.visibility ?? visibilitySeconds),
  });
}
