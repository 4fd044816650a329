import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Redis } from "ioredis";
import { findBinary } from "./binary.ts";
import { startProcess } from "./process.ts";
import { requireBinary } from "./require-binary.ts";
import { secretFiles, storedSecret } from "./secret.ts";
import { type BackingServer, externalServer, localServer, type ServerOptions } from "./server.ts";

const serverNames = ["redis-server", "valkey-server"];
const connectWithinMs = 1_000;

/** Redis: `REDIS_URL`, or a private instance on loopback whose data stays in `<dir>/redis`. */
export async function startRedis(options: ServerOptions): Promise<BackingServer> {
  const { port, log, env = process.env } = options;
  if (env.REDIS_URL) {
    return externalServer(env.REDIS_URL);
  }
  const dir = join(options.dir, "redis");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const binary = asServer(await requireRedis(log, env), dir);
  const password = storedSecret(join(options.dir, secretFiles.redis));
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const server = await startProcess({
    name: "redis",
    command: binary,
    args: [writeConfig(dir, port, password)],
    dir,
    ready: () => answers(url),
    log,
  });
  return localServer(url, server);
}

/** A program of Redis, which is installed if there is none and the user is root. */
export function requireRedis(log: (line: string) => void, env: NodeJS.ProcessEnv): Promise<string> {
  return requireBinary({
    title: "Redis",
    find: () => findBinary([...serverNames, "redis-check-rdb"], env),
    debianPackages: ["redis-tools"],
    variable: "REDIS_URL",
    log,
  });
}

/**
 * Debian's package of the tools has the server as well, because both are one program that acts by its name; the
 * package of the server adds only the name and a system service.
 */
function asServer(program: string, dir: string): string {
  if (serverNames.includes(basename(program))) {
    return program;
  }
  const link = join(dir, "redis-server");
  rmSync(link, { force: true });
  symlinkSync(program, link);
  return link;
}

/** The process title stays the command line, by which a left-over process of a killed run is recognized. */
function writeConfig(dir: string, port: number, password: string): string {
  const file = join(dir, "redis.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `requirepass ${password}`,
    `dir "${dir}"`,
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    "maxmemory 256mb",
    "maxmemory-policy volatile-lru",
    "set-proc-title no",
    "",
  ];
  writeFileSync(file, lines.join("\n"), { mode: 0o600 });
  return file;
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: connectWithinMs,
    commandTimeout: connectWithinMs,
    maxRetriesPerRequest: 0,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } finally {
    client.disconnect();
  }
}
