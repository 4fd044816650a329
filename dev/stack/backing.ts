import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { migrateService } from "../../ops/migrate.ts";
import { serviceNames } from "../../ops/services.ts";
import { applyTopology } from "../../ops/topology.ts";
import { createSigningKeys } from "../../services/user/signing-keys.ts";
import { createMeshEnvironment, type StackPorts } from "../environment.ts";
import { createMeshKeys } from "../keys.ts";
import { startAws } from "../servers/aws.ts";
import { startMariadb } from "../servers/mariadb.ts";
import { createSchemas } from "../servers/mariadb-schemas.ts";
import { startMongo } from "../servers/mongo.ts";
import { startRedis } from "../servers/redis.ts";
import { keptSecret } from "../servers/secret.ts";
import type { StackOptions } from "../stack.ts";
import { startAll } from "./start-all.ts";

/** Starts the servers that keep data. */
export async function startBacking(options: StackOptions, ports: StackPorts) {
  const { dir, log } = options;
  log("Starting MariaDB, Redis, MongoDB and AWS stand-ins");
  const [mariadb, redis, mongo, aws] = await startAll([
    startMariadb({ dir, log, port: ports.mariadb }),
    startRedis({ dir, log, port: ports.redis }),
    startMongo({ dir, log, port: ports.mongo }),
    startAws({ dir, log, port: ports.aws, keepData: options.keepQueues ?? true }),
  ]);
  return { mariadb, redis, mongo, aws };
}

/** The servers that keep data. */
export type Backing = Awaited<ReturnType<typeof startBacking>>;

/** Makes keys, schemas, queues and buckets, and returns the variables of the mesh. */
export async function prepare(
  { dir, log, env: given = {} }: StackOptions,
  ports: StackPorts,
  backing: Backing,
) {
  const password = keptSecret(join(dir, "database-password"));
  const keys = await createMeshKeys(join(dir, "keys"));
  const admin = new URL(backing.mariadb.url);
  const env = createMeshEnvironment({
    ports,
    databaseUrl: service => `mariadb://${service}:${password}@${admin.host}/${service}`,
    privateKeyFile: keys.privateKeyFile,
    publicKeysFile: keys.publicKeysFile,
    signingKeysFile: await keptSigningKeys(join(dir, "keys/signing.json")),
    redisUrl: backing.redis.url,
    mongoUri: `${backing.mongo.url}/pay`,
    aws: { ...backing.aws, ...backing.aws.credentials },
    smtpUrl: `smtp://127.0.0.1:${ports.smtp}`,
    pageTokenSecret: keptSecret(join(dir, "page-token-secret")),
  });
  log("Bringing schemas, queues and buckets up to date");
  await createSchemas(
    backing.mariadb.url,
    serviceNames.map(name => ({ schema: name, user: name, password })),
  );
  await Promise.all(serviceNames.map(name => migrateService(name, env)));
  Object.assign(process.env, pick(env, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]));
  await applyTopology({ ...env, ...given });
  await createBucket(env);
  return env;
}

async function keptSigningKeys(file: string): Promise<string> {
  if (!existsSync(file)) {
    writeFileSync(file, JSON.stringify(await createSigningKeys()), { mode: 0o600 });
  }
  return file;
}

async function createBucket(env: Readonly<Record<string, string>>): Promise<void> {
  const s3 = new S3Client({
    region: env.AWS_REGION ?? "",
    endpoint: env.AWS_ENDPOINT_URL ?? "",
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: env.QUESTION_BUCKET })).catch((error: unknown) => {
    if (!(error instanceof Error) || !/Already/.test(error.name)) {
      throw error;
    }
  });
  s3.destroy();
}

function pick(env: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])));
}
