import { setTimeout as delay } from "node:timers/promises";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { connectAdmin } from "../../dev/servers/mariadb-schemas.ts";
import type { Stack } from "../../dev/stack.ts";
import { serviceNames } from "../../ops/services.ts";
import { planTopology } from "../../ops/topology.ts";

// Work that is still on its way, by schema.
const openWork: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    serviceNames.map(name => [name, [`SELECT COUNT(*) FROM ${name}.outbox WHERE state = 'PENDING'`]]),
  ),
  more: [
    "SELECT COUNT(*) FROM pay.purchase WHERE state = 'PENDING'",
    "SELECT COUNT(*) FROM point.charge WHERE state = 'CONFIRMING'",
    "SELECT COUNT(*) FROM user.mail WHERE state = 'PENDING'",
  ],
};

/** Waits until nothing is on its way any more: outboxes, queues and pending rows are empty, twice in a row. Fails with what is not. */
export async function settle(stack: Stack, withinMs = 30_000): Promise<void> {
  const admin = await connectAdmin(stack.mariadb.url);
  const sqs = new SQSClient({
    region: stack.env.AWS_REGION ?? "",
    endpoint: stack.env.AWS_ENDPOINT_URL ?? "",
  });
  const givesUpAt = Date.now() + withinMs;
  try {
    for (let quiet = 0; quiet < 2; ) {
      const open = [...(await openRows(admin)), ...(await openMessages(sqs))];
      quiet = open.length === 0 ? quiet + 1 : 0;
      if (open.length > 0 && Date.now() > givesUpAt) {
        throw new Error(`not settled after ${withinMs} ms:\n${open.join("\n")}`);
      }
      await delay(50);
    }
  } finally {
    sqs.destroy();
    await admin.end();
  }
}

async function openRows(admin: Awaited<ReturnType<typeof connectAdmin>>): Promise<string[]> {
  const open: string[] = [];
  for (const statement of Object.values(openWork).flat()) {
    const [row] = await admin.query({ sql: statement, rowsAsArray: true });
    if (Number(row[0]) > 0) {
      open.push(`${statement}: ${row[0]}`);
    }
  }
  return open;
}

async function openMessages(sqs: SQSClient): Promise<string[]> {
  const queues = planTopology().flatMap(plan => plan.queues.map(({ queue }) => queue));
  const counts = await Promise.all(
    queues.map(async queue => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
      );
      return (
        Number(Attributes.ApproximateNumberOfMessages) +
        Number(Attributes.ApproximateNumberOfMessagesNotVisible)
      );
    }),
  );
  return queues.flatMap((queue, index) =>
    (counts[index] ?? 0) > 0 ? [`${queue}: ${counts[index]} messages`] : [],
  );
}
