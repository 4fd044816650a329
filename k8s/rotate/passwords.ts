import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createConnection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { secretFiles, storeSecret } from "#dev/stack/servers/secret.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { refusedFor } from "../cluster/refused-for.ts";
import { hashesIn, hashOf } from "./in-pods.ts";
import { type Installed, ofBoth, type Rotation, type Which, whichOf } from "./rotation.ts";

type Urls = Readonly<Record<Which, string>>;

/** A variable of a service that holds a URL with a password. */
interface UrlVariable {
  readonly service: string;
  readonly name: string;
  readonly urls: Urls;
}

/** The passwords of services at MariaDB, where an account may have two. */
export function databasePasswords(installed: Installed): Rotation {
  const { env, stores } = installed;
  // One for all, as the stores have it.
  const password = newPassword();
  const variables = serviceNames.map((service): UrlVariable => {
    const name = `${service.toUpperCase()}_DATABASE_URL`;
    return { service, name, urls: urlsOf(env[name] ?? "", password) };
  });
  const all = variables.map(({ urls }) => urls);
  const allow = (which: readonly Which[]) => allowAtMariadb(installed, all, which);
  return {
    name: "passwords at MariaDB",
    steps: {
      accept: () => allow(["old", "new"]),
      use() {
        for (const { name, urls } of variables) {
          env[name] = urls.new;
        }
        storeSecret(join(stores, secretFiles.databases), password);
      },
      refuse: () => allow(["new"]),
    },
    accepted: () => ofBoth(which => Promise.all(all.map(urls => opensMariadb(urls[which])))),
    used: () => usedInPods(installed, variables),
  };
}

/** Sets which passwords the accounts accept, as an administrator of the database does. */
async function allowAtMariadb(
  { env, stores }: Installed,
  urls: readonly Urls[],
  which: readonly Which[],
): Promise<void> {
  const { host } = new URL(env.USER_DATABASE_URL ?? "");
  const password = readFileSync(join(stores, "mariadb/password"), "utf8");
  const admin = await connectAdmin(`mariadb://admin:${password}@${host}`);
  for (const each of urls) {
    const ways = which.map(
      one => `mysql_native_password USING PASSWORD(${admin.escape(new URL(each[one]).password)})`,
    );
    await admin.query(`ALTER USER '${new URL(each.old).username}'@'%' IDENTIFIED VIA ${ways.join(" OR ")}`);
  }
  await admin.end();
}

async function opensMariadb(url: string): Promise<boolean> {
  const connection = await createConnection(url).catch(refusedFor("ER_ACCESS_DENIED_ERROR"));
  await connection?.end();
  return connection !== undefined;
}

/** The password that all services have at Redis, whose users may have two. */
export function redisPassword(installed: Installed): Rotation {
  const { env, stores } = installed;
  const name = "REDIS_URL";
  const password = newPassword();
  const urls = urlsOf(env[name] ?? "", password);
  const set = (which: Which, sign: ">" | "<", as: Which) =>
    withRedis(urls[as], redis =>
      redis.call("ACL", "SETUSER", usernameOf(urls.old), `${sign}${new URL(urls[which]).password}`),
    );
  return {
    name: "password at Redis",
    steps: {
      accept: () => set("new", ">", "old"),
      use() {
        env[name] = urls.new;
        storeSecret(join(stores, secretFiles.redis), password);
      },
      refuse: () => set("old", "<", "new"),
    },
    accepted: () =>
      ofBoth(async which => {
        const answer = await withRedis(urls[which], redis => redis.ping()).catch(refusedFor("WRONGPASS"));
        return [answer !== undefined];
      }),
    used: () =>
      usedInPods(
        installed,
        serviceNames.map(service => ({ service, name, urls })),
      ),
  };
}

const usernameOf = (url: string) => new URL(url).username || "default";

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let refusal: Error | undefined;
  redis.on("error", error => {
    refusal = error;
  });
  try {
    await redis.connect().catch(error => {
      throw refusal ?? error;
    });
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

const newPassword = () => randomBytes(16).toString("hex");

function urlsOf(old: string, password: string): Urls {
  const url = new URL(old);
  url.password = password;
  return { old, new: url.href };
}

/** Which password each pod of each service uses. */
async function usedInPods(
  { kubectl, address }: Installed,
  variables: readonly UrlVariable[],
): Promise<(Which | undefined)[]> {
  const used: (Which | undefined)[] = [];
  for (const { service, name, urls } of variables) {
    // Pods see the address of this machine where the URL says loopback.
    const hashOfUrl = (which: Which) => hashOf(urls[which].replaceAll("127.0.0.1", address));
    for (const [hash] of await hashesIn(kubectl, service, name)) {
      used.push(whichOf(which => hash === hashOfUrl(which)));
    }
  }
  return used;
}
