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
import { loadDump, type Server } from "./dump.ts";

const run = promisify(execFile);

/** Puts every schema back, while no service runs, and forgets what queues and Redis know of the time after. */
export async function restoreStores(stack: Stack, server: Server, files: readonly string[]): Promise<number> {
  for (const file of files) {
    await loadDump(server, file);
  }
  let raised = 0;
  for (const service of serviceNames) {
    await migrateService(service, stack.env);
    raised += (await raiseIds(service, stack.env)).length;
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

/**
 * Enters again what the PSP captured and the ledger forgot; the command that an operator runs before services start.
 */
export function recover(stack: Stack): Promise<string[]> {
  return runCommands(stack, [["recover-charges", "--apply"]]);
}

/** Publishes again what was published since `from`, and rebuilds what is derived; the commands an operator runs. */
export function reconcile(stack: Stack, from: Date): Promise<string[]> {
  const publishers = [...new Set(events.map(publisherOf))].sort();
  const period = ["--from", from.toISOString(), "--to", new Date().toISOString(), "--apply"];
  return runCommands(stack, [
    ...publishers.map(service => ["events", "replay", "--service", service, ...period]),
    ["rebuild-search"],
    ["rebuild-statistics"],
    ["rebuild-history"],
  ]);
}

/** Gives subscribers once more what they gave up before the replay. */
export function redrive(stack: Stack): Promise<string[]> {
  return runCommands(stack, [["events", "redrive", "--all", "--apply"]]);
}

async function runCommands(stack: Stack, commands: readonly string[][]): Promise<string[]> {
  const lines: string[] = [];
  for (const [name = "", ...args] of commands) {
    const script = join(root, "ops", `${name}.ts`);
    const { stdout } = await run(process.execPath, [script, ...args], {
      env: { ...process.env, ...stack.env },
    }).catch((error: { code?: number; stdout?: string; message: string }) => {
      // A payment was left to an administrator.
      if (name === "recover-charges" && error.code === 1 && error.stdout !== undefined) {
        return { stdout: error.stdout };
      }
      throw error;
    });
    const result = stdout.trim().split("\n").at(-1) ?? "";
    lines.push(`npm run ${[name, ...args.slice(0, 3)].join(" ")}: ${result}`);
  }
  return lines;
}

/**
 * The order of dumps that are not of one instant: pay after the participants of a purchase, so that every reservation
 * has its purchase and every paid purchase is made good by its event; user last, so that no row is about a user who is
 * unknown.
 */
export function dumpOrder(): string[] {
  const last = ["pay", "user"];
  return [...serviceNames.filter(name => !last.includes(name)), ...last];
}
