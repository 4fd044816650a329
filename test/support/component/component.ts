import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportJWK, generateKeyPair } from "jose";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { startMariadb } from "#dev/stack/servers/mariadb.ts";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createDatabase } from "#kit/data/database.ts";
import { migrate } from "#kit/data/migrate.ts";
import type { Environment } from "#kit/process/config.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The only dependency of component tests: their own MariaDB. */
interface ComponentServers {
  readonly dir: string;
  readonly mariadbUrl: string;
  stop(): Promise<void>;
}

let shared: Promise<ComponentServers> | undefined;

/** Stops what component tests started, at the end of the run. */
export const mochaHooks = {
  async afterAll() {
    await (await shared)?.stop();
  },
};

/**
 * The environment of one service in a component test: a real, migrated schema of its own, and addresses at which no
 * one listens for everything that the test replaces.
 */
export async function componentEnvironment(service: string): Promise<Environment> {
  shared ??= startServers();
  const { dir, mariadbUrl } = await shared;
  const schema = `${service}_component_${crypto.randomUUID().slice(0, 8)}`;
  const admin = await connectAdmin(mariadbUrl);
  await admin.query(`CREATE DATABASE ${schema}`);
  await admin.end();
  const databaseUrl = `${mariadbUrl}/${schema}`;
  const database = createDatabase({ url: databaseUrl, poolSize: 3 });
  await migrate(database, new URL(`../../../services/${service}/db/migrations/`, import.meta.url));
  await database.close();
  const own = service.toUpperCase();
  const nowhere = "127.0.0.1:1";
  return {
    LOG_LEVEL: "silent",
    REDIS_URL: `redis://${nowhere}`,
    AWS_ACCOUNT_ID: "000000000000",
    USER_JWKS_URL: `http://${nowhere}/`,
    TOKEN_ISSUER: "https://questioncloud.example",
    PAGE_TOKEN_SECRETS: "0".repeat(32),
    SERVICE_PUBLIC_KEYS_FILE: join(dir, "keys.json"),
    [`${own}_SERVICE_KEY_FILE`]: join(dir, "key.json"),
    [`${own}_DATABASE_URL`]: databaseUrl,
    [`${own}_GRPC_PORT`]: "1",
    [`${own}_HTTP_PORT`]: "1",
    [`${own}_PROBE_PORT`]: "1",
    ...Object.fromEntries(serviceNames.map(name => [`${name.toUpperCase()}_GRPC_ADDRESSES`, nowhere])),
  };
}

async function startServers(): Promise<ComponentServers> {
  const run = await claimTemporaryDirectory(join(root, ".data"), "component");
  const block = await reservePorts({ base: 29_000, count: 1 });
  mkdirSync(run.dir, { recursive: true });
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  writeFileSync(join(run.dir, "key.json"), JSON.stringify(await exportJWK(privateKey)));
  writeFileSync(join(run.dir, "keys.json"), JSON.stringify({ keys: [await exportJWK(publicKey)] }));
  const mariadb = await startMariadb({
    dir: run.dir,
    port: block.ports[0] ?? 0,
    log: () => {},
    settings: { innodb_flush_log_at_trx_commit: "2", innodb_buffer_pool_size: "32M" },
  });
  return {
    dir: run.dir,
    mariadbUrl: mariadb.url,
    async stop() {
      await mariadb.stop();
      await block.release();
      await run.release();
    },
  };
}
