import type { Variables } from "#dev/stack/services.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { calleesOf, serviceNames } from "#kit/contract/contracts.ts";
import { startTcpGate, type TcpGate } from "../stack/tcp-gate.ts";
import type { MeshReplica } from "./mesh.ts";

/** What replicas call apart from other services. SNS, SQS and S3 are at one address. */
const stores = ["mariadb", "redis", "aws", "mongo", "psp"] as const;

const storesOf = (service: string) =>
  stores.filter(store => (store === "mongo" ? service === "pay" : store !== "psp" || service === "point"));

/** A proxy between two that call each other. */
interface Link {
  /** A replica, or `gateway`. */
  readonly from: string;
  /** A replica, or a store. */
  readonly to: string;
  readonly gate: TcpGate;
}

/** All proxies of a mesh. */
export interface Links {
  /** Those between two, or of one with all others. */
  between(from: string, to?: string): readonly Link[];
  /** Opens the proxies of the replicas to stores, once those are there. */
  openStores(stack: Stack): Promise<void>;
  /** Where the gateway finds the services. */
  gatewayVariables(): Variables;
  /** Where a replica finds stores and services. */
  variablesOf(replica: MeshReplica): Variables;
  /** Ends every fault. */
  open(): void;
  close(): Promise<void>;
}

interface OpenLink extends Link {
  readonly kind: "http" | "grpc" | "store";
}

/** Opens the proxies in front of replicas: of the gateway, and of every other replica. */
export async function openLinks(members: readonly MeshReplica[]): Promise<Links> {
  const links: OpenLink[] = [];
  const open = async (from: string, to: string, kind: OpenLink["kind"], port: number) => {
    links.push({ from, to, kind, gate: await startTcpGate(port) });
  };
  for (const { id, service, ports } of members) {
    await open("gateway", id, "http", ports.http);
    await open("gateway", id, "grpc", ports.grpc);
    for (const caller of members.filter(each => calleesOf(each.service).includes(service))) {
      await open(caller.id, id, "grpc", ports.grpc);
    }
  }
  // The keys of access tokens.
  for (const keys of members.filter(({ service }) => service === "user").slice(0, 1)) {
    for (const { id } of members) {
      await open(id, keys.id, "http", keys.ports.http);
    }
  }
  const addresses = (from: string, service: string, kind: OpenLink["kind"]) =>
    members
      .filter(each => each.service === service)
      .flatMap(({ id }) => links.filter(each => each.from === from && each.to === id && each.kind === kind))
      .map(({ gate }) => `127.0.0.1:${gate.port}`)
      .join(",");
  let variables: (id: string, service: string) => Variables = () => ({});
  return {
    between: (from, to) => links.filter(each => each.from === from && (to === undefined || each.to === to)),
    async openStores(stack) {
      const ports = storePorts(stack);
      for (const { id, service } of members) {
        for (const store of storesOf(service)) {
          await open(id, store, "store", ports[store]);
        }
      }
      variables = (id, service) =>
        storeVariables(
          stack,
          service,
          store => links.find(each => each.from === id && each.to === store)?.gate.port,
        );
    },
    gatewayVariables() {
      const present = serviceNames.filter(name => members.some(({ service }) => service === name));
      const entries = present.flatMap(name => [
        [`${name.toUpperCase()}_HTTP_ADDRESSES`, addresses("gateway", name, "http")],
        [`${name.toUpperCase()}_GRPC_ADDRESSES`, addresses("gateway", name, "grpc")],
      ]);
      return Object.fromEntries(entries);
    },
    variablesOf: ({ id, service }) => ({
      ...variables(id, service),
      USER_JWKS_URL: `http://${addresses(id, "user", "http")}/.well-known/jwks.json`,
      ...Object.fromEntries(
        calleesOf(service).map(callee => [
          `${callee.toUpperCase()}_GRPC_ADDRESSES`,
          addresses(id, callee, "grpc"),
        ]),
      ),
    }),
    open() {
      for (const { gate } of links) {
        gate.open();
      }
    },
    async close() {
      await Promise.all(links.map(({ gate }) => gate.close()));
    },
  };
}

function storePorts({
  ports,
  mariadb,
  redis,
  mongo,
  aws,
}: Stack): Readonly<Record<(typeof stores)[number], number>> {
  const portOf = (url: string) => Number(new URL(url).port);
  return {
    mariadb: portOf(mariadb.url),
    redis: portOf(redis.url),
    mongo: portOf(mongo.url),
    aws: portOf(aws.endpoint),
    psp: ports.psp,
  };
}

function storeVariables(
  { env }: Stack,
  service: string,
  portOf: (store: (typeof stores)[number]) => number | undefined,
): Variables {
  const through = (name: string, store: (typeof stores)[number]) => {
    const url = new URL(env[name] ?? "");
    url.port = String(portOf(store));
    return { [name]: url.toString().replace(/\/$/, "") };
  };
  return {
    ...through(`${service.toUpperCase()}_DATABASE_URL`, "mariadb"),
    ...through("REDIS_URL", "redis"),
    ...through("AWS_ENDPOINT_URL", "aws"),
    ...(service === "pay" && through("PAY_MONGODB_URI", "mongo")),
    ...(service === "point" && through("POINT_TOSS_API_URL", "psp")),
  };
}
