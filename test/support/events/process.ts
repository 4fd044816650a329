import { parseArgs } from "node:util";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { startConsumer } from "../../../kit/consumer.ts";
import { createDatabase } from "../../../kit/database.ts";
import { createLog } from "../../../kit/log.ts";
import { startLoop } from "../../../kit/loop.ts";
import { createMetrics } from "../../../kit/metrics.ts";
import { createRelay } from "../../../kit/relay.ts";
import { run } from "../../../kit/run.ts";
import { topicArnPrefix, visibilitySeconds } from "./delivery.ts";
import { hearingOf } from "./effects.ts";

// A replica reduced to its relay or one consumer, for tests that end it: `process.ts relay|consumer <service>`. With --gate a handler waits
// for a lock of this name in MariaDB; --visibility is the seconds for which a delivery is kept from others.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { gate: { type: "string" }, visibility: { type: "string" } },
});
const [part, service = ""] = positionals;
const { env } = process;
const database = createDatabase({ url: env[`${service.toUpperCase()}_DATABASE_URL`] ?? "", poolSize: 12 });
const aws = { region: env.AWS_REGION ?? "", endpoint: env.AWS_ENDPOINT_URL ?? "" };
const log = createLog(service, "warn");
const metrics = createMetrics(service);

await run(async () => {
  const stop = part === "relay" ? startRelay() : await startHearing();
  process.stdout.write("ready\n");
  return {
    name: service,
    async stop() {
      await stop();
      await database.close();
    },
  };
});

function startRelay(): () => Promise<void> {
  const sns = new SNSClient(aws);
  const options = { database, sns, topicArnPrefix: topicArnPrefix(env), metrics, log };
  const relay = createRelay({ ...options, retryMs: 100, maxAttempts: 4 });
  const loop = startLoop({ name: "relay", intervalMs: 50, run: relay, log, metrics });
  return () => loop.stop();
}

function startHearing(): Promise<() => Promise<void>> {
  const hearing = hearingOf(async tx => {
    if (values.gate !== undefined) {
      await tx.query("SELECT GET_LOCK(?, 20)", [values.gate]);
      await tx.query("SELECT RELEASE_LOCK(?)", [values.gate]);
    }
  });
  const sqs = new SQSClient(aws);
  const options = { service, database, sqs, log, metrics, waitSeconds: 1 };
  return startConsumer(hearing, {
    ...options,
    visibilitySeconds: Number(values.visibility ?? visibilitySeconds),
  });
}
