import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { DescService } from "@bufbuild/protobuf";
import type { Redis } from "ioredis";
import type { JSONWebKeySet, JWK } from "jose";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { createLeases, type RunWithLease } from "#kit/data/lease.ts";
import { createRedis } from "#kit/data/redis.ts";
import { awsClientOptions } from "#kit/events/aws.ts";
import { createOutbox, type Outbox } from "#kit/events/outbox.ts";
import { receiveMs } from "#kit/events/queue.ts";
import { createLog, type Logger } from "#kit/process/log.ts";
import { createWakeup, type Wakeup } from "#kit/process/loop.ts";
import { createMetrics, type Metrics } from "#kit/process/metrics.ts";
import { type Certificates, createCertificates } from "#kit/rpc/certificates.ts";
import { createServiceClient, type ServiceClient } from "#kit/rpc/client/service-client.ts";
import type { AccessOptions } from "#kit/rpc/interceptors/authorize-caller.ts";
import { createPageTokens, type PageTokens } from "#kit/rpc/tokens/page-tokens.ts";
import {
  createServiceTokenSigner,
  createServiceTokenVerifier,
  type ServiceTokenSigner,
  type ServiceTokenVerifier,
} from "#kit/rpc/tokens/service-token.ts";
import { createUserTokenVerifier } from "#kit/rpc/tokens/user-token.ts";
import type { RuntimeConfig } from "#kit/service/runtime-config.ts";

/** What every service works with; the App of a service adds its own. */
export interface Runtime {
  readonly name: string;
  /** Names this process among the replicas of the service. */
  readonly instance: string;
  readonly config: { readonly runtime: RuntimeConfig };
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly redis: Redis;
  readonly runWithLease: RunWithLease;
  readonly outbox: Outbox;
  /** Wakes the outbox relay; the outbox does so after each commit that appended an event. */
  readonly relayWakeup: Wakeup;
  readonly pageTokens: PageTokens;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly access: AccessOptions;
  readonly certificates: Certificates;
  /** Proves to others that this service says something about a user; the audience is who is meant to believe it. */
  readonly signServiceToken: ServiceTokenSigner;
  /** Opens a verifier of what other services sign for an audience. */
  serviceTokenVerifier(audience: string): ServiceTokenVerifier;
  /** Opens a client for a proto service of another service; it is closed with the runtime. */
  client<S extends DescService>(service: string, schema: S): ServiceClient<S>;
  /** Closes something of the service's own before the stores, the latest first. */
  onClose(close: () => unknown): void;
  close(): Promise<void>;
}

/** Opens the stores and clients of one service. */
export async function createRuntime<C extends { readonly runtime: RuntimeConfig }>(
  name: string,
  config: C,
): Promise<Runtime & { readonly config: C }> {
  const { log: logging, database: mariadb, aws, services, userTokens, ...runtime } = config.runtime;
  const log = createLog(name, logging.level);
  const metrics = createMetrics(name);
  const database = createDatabase({
    url: mariadb.url,
    poolSize: mariadb.poolConnections,
    socketTimeoutMs: mariadb.socketTimeoutMs,
    observed: { log, metrics },
  });
  const redis = createRedis(runtime.redis.url, log);
  const sign = await createServiceTokenSigner(name, readJson<JWK>(services.keyFile));
  // The relay repeats what fails, and holds its rows while it publishes.
  const sns = new SNSClient(awsClientOptions(aws, { requestTimeoutMs: 3000, maxAttempts: 1 }));
  const sqs = new SQSClient(
    awsClientOptions(aws, { requestTimeoutMs: receiveMs(runtime.queue.waitSeconds) }),
  );
  for (const { middlewareStack } of [sns, sqs]) {
    // It copies what each call sends and receives, for a logger that there is none of.
    middlewareStack.remove("loggerMiddleware");
  }
  const serviceTokenVerifier = (audience: string) =>
    createServiceTokenVerifier(audience, readJson<JSONWebKeySet>(services.publicKeysFile));
  const certificates = createCertificates({ ...runtime.tls, caFile: services.caFile, log, metrics });
  const closers: (() => unknown)[] = [certificates.stop];
  const relayWakeup = createWakeup();
  return {
    name,
    instance: `${name}@${hostname()}:${process.pid}`,
    config,
    log,
    metrics,
    database,
    redis,
    runWithLease: createLeases(redis),
    outbox: createOutbox(relayWakeup.wake),
    relayWakeup,
    pageTokens: createPageTokens(runtime.pages.secrets),
    sns,
    sqs,
    access: {
      verifyUserToken: createUserTokenVerifier({ ...userTokens, keys: new URL(userTokens.jwksUrl) }),
      verifyServiceToken: serviceTokenVerifier(name),
    },
    certificates,
    signServiceToken: sign,
    serviceTokenVerifier,
    client(service, schema) {
      const addresses = services.addresses[service];
      if (addresses === undefined) {
        throw new Error(`no contract allows ${name} to call ${service}`);
      }
      const credentials = certificates.client;
      const client = createServiceClient(schema, { name: service, addresses, sign, credentials, metrics });
      closers.push(() => client.close());
      return client;
    },
    onClose(close) {
      closers.push(close);
    },
    async close() {
      for (const close of closers.reverse()) {
        await close();
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
