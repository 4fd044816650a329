import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join, relative } from "node:path";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Redis } from "ioredis";
import { mongo } from "mongoose";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { planTopology } from "#ops/topology.ts";

/** A text somewhere in the stack: a column, a collection, a key, a queue or a log. */
export type Place = readonly [place: string, text: string];

/**
 * Searches every store of a stack, its dead letters and its logs. Returns what was found and where, as `word in place`.
 * Tables and columns are those that are there now, so that a new one is searched as well.
 */
export async function searchStores(stack: Stack, words: readonly string[]): Promise<string[]> {
  const found = new Set(await searchDatabases(stack, words));
  for (const places of [
    readMongo(stack),
    readRedis(stack),
    readBuckets(stack),
    readDead(stack),
    readLogs(stack),
  ]) {
    for await (const [place, text] of places) {
      for (const word of words.filter(each => text.includes(each))) {
        found.add(`${word} in ${place}`);
      }
    }
  }
  return [...found].sort();
}

interface Column {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

/** Searches all columns that hold text or bytes. */
async function searchDatabases(stack: Stack, words: readonly string[]): Promise<string[]> {
  const sql = await connectAdmin(stack.mariadb.url);
  try {
    const columns: Column[] = await sql.query(
      `SELECT table_schema AS \`schema\`, table_name AS \`table\`, column_name AS name FROM information_schema.columns
        WHERE table_schema IN (?) AND (character_maximum_length > 0) AND data_type NOT IN ('enum', 'set')`,
      [serviceNames],
    );
    const found: string[] = [];
    for (const { schema, table, name } of columns) {
      const counts = words.map(() => `MAX(LOCATE(?, CONVERT(\`${name}\` USING utf8mb4)) > 0)`);
      const [row] = await sql.query(
        { sql: `SELECT ${counts} FROM ${schema}.\`${table}\``, rowsAsArray: true },
        words,
      );
      const hits = (row as unknown[]).map(Number);
      found.push(
        ...words.filter((_, index) => hits[index] === 1).map(word => `${word} in ${schema}.${table}.${name}`),
      );
    }
    return found;
  } finally {
    await sql.end();
  }
}

async function* readMongo(stack: Stack): AsyncGenerator<Place> {
  const client = new mongo.MongoClient(stack.env.PAY_MONGODB_URI ?? "");
  try {
    for (const { name } of await client.db().listCollections().toArray()) {
      for await (const document of client.db().collection(name).find()) {
        yield [`mongodb ${name}`, JSON.stringify(document)];
      }
    }
  } finally {
    await client.close();
  }
}

async function* readRedis(stack: Stack): AsyncGenerator<Place> {
  const redis = new Redis(stack.redis.url);
  try {
    for await (const keys of redis.scanStream({ count: 1000 })) {
      for (const key of keys as string[]) {
        const value = await redis.get(key).catch(() => redis.hgetall(key).catch(() => ""));
        yield [`redis ${key.split(":")[0]}`, `${key} ${JSON.stringify(value)}`];
      }
    }
  } finally {
    redis.disconnect();
  }
}

async function* readBuckets({ env }: Stack): AsyncGenerator<Place> {
  const region = env.AWS_REGION ?? "";
  const s3 = new S3Client({ region, endpoint: env.AWS_ENDPOINT_URL ?? "", forcePathStyle: true });
  try {
    for (const [variable, Bucket] of Object.entries(env).filter(([name]) => name.endsWith("_BUCKET"))) {
      let token: string | undefined;
      do {
        const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: token }));
        yield [`s3 ${variable}`, (page.Contents ?? []).map(({ Key }) => Key).join(" ")];
        token = page.NextContinuationToken;
      } while (token !== undefined);
    }
  } finally {
    s3.destroy();
  }
}

export async function* readDead({ env }: Stack): AsyncGenerator<Place> {
  const sqs = new SQSClient({ region: env.AWS_REGION ?? "", endpoint: env.AWS_ENDPOINT_URL ?? "" });
  try {
    for (const { deadLetterQueue } of planTopology().flatMap(({ queues }) => queues)) {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: deadLetterQueue }));
      for (;;) {
        const request = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 5, WaitTimeSeconds: 0 };
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
        if (Messages.length === 0) {
          break;
        }
        yield [`sqs ${deadLetterQueue}`, JSON.stringify(Messages)];
      }
    }
  } finally {
    sqs.destroy();
  }
}

export async function* readLogs({ dir }: Stack): AsyncGenerator<Place> {
  for await (const file of glob("logs/**/*.log", { cwd: dir })) {
    yield [`log ${relative(".", file)}`, readFileSync(join(dir, file), "utf8")];
  }
}
