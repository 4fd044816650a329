import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { serviceNames } from "#kit/contract/contracts.ts";
import { migrateService } from "#ops/migrate.ts";
import { applyTopology } from "#ops/topology.ts";
import { createSigningKeys } from "#services/user/tokens/signing-keys.ts";
import { createStackEnvironment, ownerOf } from "./environment.ts";
import type { StackPorts } from "./ports.ts";
import { startAws } from "./servers/aws.ts";
import { startMariadb } from "./servers/mariadb.ts";
import { createSchemas } from "./servers/mariadb-schemas.ts";
import { startMongo } from "./servers/mongo.ts";
import { startRedis } from "./servers/redis.ts";
import { secretFiles, storedSecret } from "./servers/secret.ts";
import { createServiceKeys } from "./service-keys.ts";
import type { StackOptions } from "./stack.ts";
import { startAll } from "./start-all.ts";

/** Starts the servers that store data. */
export async function startBackingServers(options: StackOptions, ports: StackPorts) {
  const { dir, log } = options;
  log("Starting MariaDB, Redis, MongoDB, SNS, SQS and S3");
  const [mariadb, redis, mongo, aws] = await startAll([
    startMariadb({ dir, log, port: ports.mariadb }),
    startRedis({ dir, log, port: ports.redis }),
    startMongo({ dir, log, port: ports.mongo }),
    startAws({ dir, log, port: ports.aws, keepData: options.keepQueues ?? true }),
  ]);
  return { mariadb, redis, mongo, aws };
}

/** The servers that store data. */
type BackingServers = Awaited<ReturnType<typeof startBackingServers>>;

/** Creates keys, schemas, queues and buckets, and returns the environment of the stack. */
export async function prepare(
  { dir, log, env: given = {} }: StackOptions,
  ports: StackPorts,
  backing: BackingServers,
) {
  const password = storedSecret(join(dir, secretFiles.databases));
  const keys = await createServiceKeys(join(dir, "keys"));
  const admin = new URL(backing.mariadb.url);
  const env = createStackEnvironment({
    ports,
    databaseUrl: (service, user) => `mariadb://${user}:${password}@${admin.host}/${service}`,
    privateKeyFile: keys.privateKeyFile,
    publicKeysFile: keys.publicKeysFile,
    signingKeysFile: await storedSigningKeys(join(dir, "keys/signing.json")),
    redisUrl: backing.redis.url,
    mongoUri: withDatabase(backing.mongo.url, "pay"),
    aws: { ...backing.aws, ...backing.aws.credentials },
    smtpUrl: `smtp://127.0.0.1:${ports.smtp}`,
    pageTokenSecret: storedSecret(join(dir, secretFiles.pageTokens)),
    deviceSecret: storedSecret(join(dir, secretFiles.devices)),
    checkoutSecret: storedSecret(join(dir, secretFiles.checkout)),
  });
  log("Bringing schemas, queues and buckets up to date");
  await createSchemas(
    backing.mariadb.url,
    serviceNames.map(name => ({ schema: name, owner: ownerOf(name), user: name, password })),
  );
  await Promise.all(serviceNames.map(name => migrateService(name, env)));
  Object.assign(process.env, pick(env, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]));
  await applyTopology({ ...env, ...given });
  await createBuckets(env);
  return env;
}

/** The URI of a MongoDB with another database in it; users stay in the database where they were looked up before. */
function withDatabase(uri: string, database: string): string {
  const [, server = "", old = "", query = ""] = /^([^/]+\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  const options = new URLSearchParams(query);
  if (server.includes("@") && !options.has("authSource")) {
    options.set("authSource", old || "admin");
  }
  return `${server}/${database}${options.size === 0 ? "" : `?${options}`}`;
}

async function storedSigningKeys(file: string): Promise<string> {
  if (!existsSync(file)) {
    writeFileSync(file, JSON.stringify(await createSigningKeys()), { mode: 0o600 });
  }
  return file;
}

async function createBuckets(env: Readonly<Record<string, string>>): Promise<void> {
  const s3 = new S3Client({
    region: env.AWS_REGION ?? "",
    endpoint: env.AWS_ENDPOINT_URL ?? "",
    forcePathStyle: true,
  });
  for (const Bucket of [env.QUESTION_BUCKET, env.POST_BUCKET]) {
    await s3.send(new CreateBucketCommand({ Bucket })).catch((error: unknown) => {
      if (!(error instanceof Error) || !/Already/.test(error.name)) {
        throw error;
      }
    });
  }
  s3.destroy();
}

function pick(env: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])));
}
