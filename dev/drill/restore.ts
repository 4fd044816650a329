import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { GetQueueUrlCommand, PurgeQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Redis } from "ioredis";
import { events, serviceNames } from "#kit/contract/contracts.ts";
import { publisherOf, queueOf, subscribersOf } from "#kit/contract/event.ts";
import { migrateService } from "#ops/migrate.ts";
import { raiseIds } from "#ops/raise-ids.ts";
import { root } from "../stack/root.ts";
import type { Stack } from "../stack/stack.ts";
import { loadSchema, type Server } from "./dump.ts";

const run = promisify(execFile);

/** Puts every schema back, while no service runs, and forgets what queues and Redis know of the time after. */
export async function restoreStores(
  stack: Stack,
  server: Server,
  files: ReadonlyMap<string, string>,
): Promise<number> {
  let raised = 0;
  for (const [schema, file] of files) {
    await loadSchema(server, schema, file);
    await migrateService(schema, stack.env);
    raised += (await raiseIds(schema, stack.env)).length;
  }
  const redis = new Redis(stack.redis.url);
  await redis.flushall();
  redis.disconnect();
  await purgeQueues(stack);
  return raised;
}

async function purgeQueues({ env }: Stack): Promise<void> {
  const sqs = new SQSClient({ region: env.AWS_REGION ?? "", endpoint: env.AWS_ENDPOINT_URL ?? "" });
  for (const event of events) {
    for (const subscriber of subscribersOf(event)) {
      const found = await sqs.send(new GetQueueUrlCommand({ QueueName: queueOf(event, subscriber) }));
      await sqs.send(new PurgeQueueCommand({ QueueUrl: found.QueueUrl }));
    }
  }
  sqs.destroy();
}

/** Publishes again what was published since `from`, and rebuilds what is derived; the commands an operator runs. */
export async function reconcile(stack: Stack, from: Date): Promise<string[]> {
  const publishers = [...new Set(events.map(publisherOf))].sort();
  const period = ["--from", from.toISOString(), "--to", new Date().toISOString(), "--apply"];
  const commands = [
    ...publishers.map(service => ["events", "replay", "--service", service, ...period]),
    ["rebuild-search"],
    ["rebuild-statistics"],
    ["rebuild-history"],
  ];
  const lines: string[] = [];
  for (const [name = "", ...args] of commands) {
    const script = join(root, "ops", `${name}.ts`);
    const { stdout } = await run(process.execPath, [script, ...args], {
      env: { ...process.env, ...stack.env },
    });
    const result = stdout.trim().split("\n").at(-1) ?? "";
    lines.push(`npm run ${[name, ...args.slice(0, 3)].join(" ")}: ${result}`);
  }
  return lines;
}

/**
 * The order of dumps: pay after the participants of a purchase, so that every reservation has its purchase and every
 * paid purchase is made good by its event; user last, so that no row is about a user who is unknown.
 */
export function dumpOrder(): string[] {
  const last = ["pay", "user"];
  return [...serviceNames.filter(name => !last.includes(name)), ...last];
}
