import { stringify } from "yaml";

interface Whereabouts {
  /** Where pods find databases, queues and simulators. */
  readonly address: string;
  /** The variables of a stack on loopback. */
  readonly env: Readonly<Record<string, string>>;
}

/** Narrows the ways to databases, queues and simulators to where they are. */
export function backendPatches({ env, address }: Whereabouts) {
  const portsOf = (pattern: RegExp) => {
    const urls = Object.entries(env).filter(([name]) => pattern.test(name));
    const found = urls.flatMap(([, url]) =>
      [...url.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)),
    );
    return [...new Set(found)].sort();
  };
  const ports = {
    mariadb: portsOf(/_DATABASE_URL$/),
    redis: portsOf(/^REDIS_URL$/),
    mongodb: portsOf(/_MONGODB_URI$/),
    smtp: portsOf(/_SMTP_URL$/),
    https: portsOf(/^AWS_ENDPOINT_URL$|_(API|ISSUER)_URL$/),
    otlp: [4318],
  };
  return Object.entries(ports).map(([backend, list]) => ({
    target: { kind: "NetworkPolicy", name: `allow-${backend}` },
    patch: stringify([
      {
        op: "replace",
        path: "/spec/egress",
        value: [
          {
            to: [{ ipBlock: { cidr: `${address}/32` } }],
            ports: list.map(port => ({ protocol: "TCP", port })),
          },
        ],
      },
    ]),
  }));
}
