import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { DescService } from "@bufbuild/protobuf";
import type { Redis } from "ioredis";
import type { JSONWebKeySet, JWK } from "jose";
import type { AccessOptions } from "#kit/access.ts";
import { awsClientOptions } from "#kit/aws.ts";
import type { Environment } from "#kit/config.ts";
import { createDatabase, type Database } from "#kit/database.ts";
import { type FloorConfig, readFloorConfig, readNeighbourAddresses } from "#kit/floor-config.ts";
import { createLog, type Logger } from "#kit/log.ts";
import { createMetrics, type Metrics } from "#kit/metrics.ts";
import { createNeighbour, type Neighbour } from "#kit/neighbour.ts";
import { createOutbox, type Outbox } from "#kit/outbox.ts";
import { createPageTokens, type PageTokens } from "#kit/page-token.ts";
import { createRedis } from "#kit/redis.ts";
import { createServiceTokenSigner, createServiceTokenVerifier } from "#kit/service-token.ts";
import { createUserTokenVerifier } from "#kit/user-token.ts";

/** What every service stands on. */
export interface Floor {
  readonly name: string;
  /** Names this process among the replicas of the service. */
  readonly instance: string;
  readonly config: FloorConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly redis: Redis;
  readonly outbox: Outbox;
  readonly pageTokens: PageTokens;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly access: AccessOptions;
  /** Opens a client for a proto service of a neighbour; it is closed with the floor. */
  neighbour<S extends DescService>(name: string, service: S): Neighbour<S>;
  /** Calls `wake` whenever a commit appended an event. */
  onAppend(wake: () => void): void;
  close(): Promise<void>;
}

/** Opens the stores and clients of one service. */
export async function openFloor(name: string, env: Environment): Promise<Floor> {
  const config = readFloorConfig(name, env);
  const log = createLog(name, config.LOG_LEVEL);
  const database = createDatabase({ url: config.databaseUrl, poolSize: config.poolSize });
  const redis = createRedis(config.REDIS_URL, log);
  const sign = await createServiceTokenSigner(name, readJson<JWK>(config.meshKeyFile));
  const aws = awsClientOptions(config);
  const sns = new SNSClient(aws);
  const sqs = new SQSClient({
    ...aws,
    requestHandler: { requestTimeout: 30_000, throwOnRequestTimeout: true, connectionTimeout: 2000 },
  });
  const closers: (() => void)[] = [];
  let wakeRelay = () => {};
  return {
    name,
    instance: `${name}@${hostname()}:${process.pid}`,
    config,
    log,
    metrics: createMetrics(name),
    database,
    redis,
    outbox: createOutbox(() => wakeRelay()),
    pageTokens: createPageTokens(config.PAGE_TOKEN_SECRET),
    sns,
    sqs,
    access: {
      verifyUserToken: createUserTokenVerifier({
        keys: new URL(config.USER_JWKS_URL),
        issuer: config.TOKEN_ISSUER,
        audience: config.TOKEN_AUDIENCE,
      }),
      verifyServiceToken: createServiceTokenVerifier(
        name,
        readJson<JSONWebKeySet>(config.MESH_PUBLIC_KEYS_FILE),
      ),
    },
    neighbour(neighbour, service) {
      const addresses = readNeighbourAddresses(neighbour, env);
      const client = createNeighbour(service, {
        name: neighbour,
        addresses,
        sign,
        caFile: config.MESH_CA_FILE,
      });
      closers.push(() => client.close());
      return client;
    },
    onAppend(wake) {
      wakeRelay = wake;
    },
    async close() {
      for (const close of closers) {
        close();
      }
      sns.destroy();
      sqs.destroy();
      redis.disconnect();
      await database.close();
    },
  };
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
