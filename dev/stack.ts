import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { readEnvoyOptions } from "../gateway/config.ts";
import { renderEnvoy } from "../gateway/envoy/render.ts";
import { migrateService } from "../ops/migrate.ts";
import { serviceNames } from "../ops/services.ts";
import { applyTopology } from "../ops/topology.ts";
import { createSigningKeys } from "../services/user/signing-keys.ts";
import { assignPorts, createMeshEnvironment, type StackPorts, stackPortCount } from "./environment.ts";
import { createMeshKeys } from "./keys.ts";
import { type AwsServer, startAws } from "./servers/aws.ts";
import { findEnvoy, startEnvoy } from "./servers/envoy.ts";
import { startMariadb } from "./servers/mariadb.ts";
import { createSchemas } from "./servers/mariadb-schemas.ts";
import { startMongo } from "./servers/mongo.ts";
import { reservePorts } from "./servers/ports.ts";
import { type ServerProcess, startProcess } from "./servers/process.ts";
import { startRedis } from "./servers/redis.ts";
import { keptSecret } from "./servers/secret.ts";
import type { BackingServer } from "./servers/server.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const telemetry = join(root, "kit/telemetry.ts");

export interface StackOptions {
  /** Holds data, keys and logs. */
  readonly dir: string;
  /** Ports are taken from a free block at or above this one. */
  readonly portBase: number;
  readonly log: (line: string) => void;
  /** One process per service; otherwise all services share one. */
  readonly processes: boolean;
  /** Variables that replace what the stack would choose. */
  readonly env?: Readonly<Record<string, string>>;
  /** A part of the mesh, as processes of their own; all services when absent. */
  readonly services?: readonly string[];
  /** False keeps queues and files in memory only. */
  readonly keepQueues?: boolean;
}

/** A mesh with everything it stands on, on loopback. */
export interface Stack {
  readonly dir: string;
  readonly ports: StackPorts;
  readonly env: Readonly<Record<string, string>>;
  /** Where web clients and gRPC clients call; undefined where Envoy cannot be had. */
  readonly gatewayUrl: string | undefined;
  readonly mailUrl: string;
  readonly pgUrl: string;
  readonly mariadb: BackingServer;
  readonly redis: BackingServer;
  readonly mongo: BackingServer;
  readonly aws: AwsServer;
  /** The processes of the mesh by name: the services, or `all`. */
  readonly processes: ReadonlyMap<string, ServerProcess>;
  /** Stops a process of the mesh and starts it again, with further variables if given. */
  restart(name: string, env?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts backing servers, brings schemas and queues up to date, and starts the mesh and its gateway. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) {
      await stopOne();
    }
  };
  try {
    return await startParts(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StackOptions,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const { dir, log } = options;
  const block = await reservePorts({ base: options.portBase, count: stackPortCount });
  stops.push(block.release);
  const ports = assignPorts(block.ports);
  const backing = await startBacking(options, ports);
  stops.push(...Object.values(backing).map(server => server.stop));
  const env = { ...(await prepare(options, ports, backing)), ...options.env };
  const start = (name: string, script: string, args: string[], ready: string) => {
    log(`Starting ${name}`);
    return startNode(options, { name, script, args, env, ready });
  };
  const tools = await Promise.all([
    start("mail", "dev/mail/main.ts", mailArguments(dir, ports), `http://127.0.0.1:${ports.mail}/mails`),
    start("pg", "dev/pg/main.ts", pgArguments(dir, ports), `http://127.0.0.1:${ports.pg}/sim/books`),
    start("site", "gateway/site/main.ts", [], `http://127.0.0.1:${ports.site}/readyz`),
  ]);
  stops.push(...tools.map(tool => tool.stop));
  const mesh = await startMesh(options, ports, env);
  stops.push(async () => {
    await Promise.all([...mesh.values()].map(server => server.stop()));
  });
  const gatewayUrl = await startGateway(options, ports, env, stops);
  return {
    dir,
    ports,
    env,
    gatewayUrl,
    mailUrl: `http://127.0.0.1:${ports.mail}`,
    pgUrl: `http://127.0.0.1:${ports.pg}`,
    ...backing,
    processes: mesh,
    async restart(name, more = {}) {
      await mesh.get(name)?.stop();
      mesh.set(name, await startService(options, ports, { ...env, ...more }, name));
    },
    stop,
  };
}

async function startBacking(options: StackOptions, ports: StackPorts) {
  const { dir, log } = options;
  log("Starting MariaDB, Redis, MongoDB and AWS stand-ins");
  const [mariadb, redis, mongo, aws] = await Promise.all([
    startMariadb({ dir, log, port: ports.mariadb }),
    startRedis({ dir, log, port: ports.redis }),
    startMongo({ dir, log, port: ports.mongo }),
    startAws({ dir, log, port: ports.aws, keepData: options.keepQueues ?? true }),
  ]);
  return { mariadb, redis, mongo, aws };
}

type Backing = Awaited<ReturnType<typeof startBacking>>;

async function prepare({ dir, log, env: given = {} }: StackOptions, ports: StackPorts, backing: Backing) {
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

function mailArguments(dir: string, ports: StackPorts): string[] {
  return ["--smtp", String(ports.smtp), "--http", String(ports.mail), "--data", join(dir, "mail")];
}

function pgArguments(dir: string, ports: StackPorts): string[] {
  const webhook = `http://127.0.0.1:${ports.gateway}/webhooks/toss`;
  const origin = `http://127.0.0.1:${ports.gateway}`;
  const data = join(dir, "pg");
  return [
    "--port",
    String(ports.pg),
    "--webhook-url",
    webhook,
    "--allowed-origin",
    origin,
    "--data-dir",
    data,
  ];
}

async function startMesh(options: StackOptions, ports: StackPorts, env: Readonly<Record<string, string>>) {
  const names = options.services ?? (options.processes ? serviceNames : ["all"]);
  options.log(`Starting the mesh: ${names.join(", ")}`);
  const started = await Promise.all(names.map(name => startService(options, ports, env, name)));
  return new Map(names.map((name, index) => [name, started[index] as ServerProcess]));
}

function startService(
  options: StackOptions,
  ports: StackPorts,
  env: Readonly<Record<string, string>>,
  name: string,
) {
  const probes =
    name === "all" ? serviceNames.map(each => ports.services[each]?.probe) : [ports.services[name]?.probe];
  const ready = probes.map(probe => `http://127.0.0.1:${probe}/readyz`);
  return startNode(options, {
    name,
    script: `services/${name}/main.ts`,
    args: [],
    env: { ...env, OTEL_SERVICE_NAME: name },
    ready,
  });
}

function startNode(
  { dir, log }: StackOptions,
  part: {
    name: string;
    script: string;
    args: string[];
    env: Readonly<Record<string, string>>;
    ready: string | string[];
  },
): Promise<ServerProcess> {
  const logs = join(dir, "logs");
  mkdirSync(logs, { recursive: true });
  return startProcess({
    name: part.name,
    command: process.execPath,
    args: ["--import", telemetry, join(root, part.script), ...part.args],
    dir: logs,
    env: { ...process.env, ...part.env },
    ready: async () => (await Promise.all([part.ready].flat().map(answersOk))).every(Boolean),
    log,
  });
}

async function answersOk(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
}

async function startGateway(
  options: StackOptions,
  ports: StackPorts,
  env: Readonly<Record<string, string>>,
  stops: (() => Promise<void>)[],
): Promise<string | undefined> {
  const { dir, log } = options;
  const bin = await findEnvoy({ cacheDir: join(root, ".cache"), log });
  if (bin === undefined) {
    return undefined;
  }
  log("Starting Envoy");
  const configFile = join(dir, "envoy.yaml");
  writeFileSync(
    configFile,
    renderEnvoy(readEnvoyOptions({ ...env, GATEWAY_ACCESS_LOG: join(dir, "logs/gateway.log") })),
  );
  const envoy = await startEnvoy({ bin, configFile, dir, log });
  stops.push(envoy.stop);
  return `http://127.0.0.1:${ports.gateway}`;
}
