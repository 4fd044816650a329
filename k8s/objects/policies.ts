import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { createRouteTable, routedServices } from "#gateway/routes.ts";
import { calleesOf, serviceNames } from "#kit/contract/contracts.ts";
import { gatewayPort, metadataOf, ports, selectorOf, sitePort } from "./names.ts";
import type { Backend } from "./needs.ts";

type PolicySpec = NonNullable<INetworkPolicy["spec"]>;
type EgressRule = NonNullable<PolicySpec["egress"]>[number];
type IngressRule = NonNullable<PolicySpec["ingress"]>[number];

/** One direction of a connection between two parts. */
interface Connection {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** Every connection between pods that the contracts need; nothing else is allowed. */
export function connections(): Connection[] {
  const calls = serviceNames.flatMap(from => calleesOf(from).map(to => ({ from, to, port: ports.grpc })));
  const keys = serviceNames.map(from => ({ from, to: "user", port: ports.http }));
  const routed = routedServices(createRouteTable()).flatMap(to =>
    [ports.grpc, ports.http].map(port => ({ from: "gateway", to, port })),
  );
  const site = { from: "gateway", to: "site", port: sitePort };
  return [...calls, ...keys, ...routed, site];
}

/** Nothing may connect to anything, and then what each part may. */
export function networkPolicies(parts: readonly string[], backends: readonly Backend[]): INetworkPolicy[] {
  const all = connections();
  return [
    policy("default-deny", {}, { policyTypes: ["Ingress", "Egress"] }),
    policy("allow-dns", {}, { policyTypes: ["Egress"], egress: [dns] }),
    policy("allow-metrics", {}, { policyTypes: ["Ingress"], ingress: [metrics] }),
    ...parts.map(part => partPolicy(part, all)),
    ...backends.map(backendPolicy),
  ];
}

/** Envoy Gateway runs its Envoys in its own namespace: they may connect to what the gateway connects to. */
export function envoyGatewayPolicies(): INetworkPolicy[] {
  const routed = Map.groupBy(
    connections().filter(({ from }) => from === "gateway"),
    ({ to }) => to,
  );
  return [...routed].map(([part, each]) =>
    policy(`${part}-from-envoy-gateway`, selectorOf(part), {
      policyTypes: ["Ingress"],
      ingress: [{ from: [envoys], ports: each.map(({ port }) => ({ protocol: "TCP" as const, port })) }],
    }),
  );
}

const envoys = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "envoy-gateway-system" } },
  podSelector: { matchLabels: selectorOf("envoy") },
};

function partPolicy(part: string, all: readonly Connection[]): INetworkPolicy {
  const incoming = all.filter(({ to }) => to === part);
  const outgoing = all.filter(({ from }) => from === part);
  const ingress = byPort(incoming, ({ from }) => from).map(([port, names]) => ({
    from: names.map(peer),
    ports: [{ protocol: "TCP" as const, port }],
  }));
  const egress = byPort(outgoing, ({ to }) => to).map(([port, names]) => ({
    to: names.map(peer),
    ports: [{ protocol: "TCP" as const, port }],
  }));
  return policy(part, selectorOf(part), {
    policyTypes: ["Ingress", "Egress"],
    ingress: part === "gateway" ? [{ ports: [{ protocol: "TCP", port: gatewayPort }] }, ...ingress] : ingress,
    egress,
  });
}

function byPort(list: readonly Connection[], nameOf: (each: Connection) => string): [number, string[]][] {
  const grouped = Map.groupBy(list, ({ port }) => port);
  return [...grouped].map(([port, each]) => [port, [...new Set(each.map(nameOf))].sort()]);
}

const peer = (part: string) => ({ podSelector: { matchLabels: selectorOf(part) } });

const dns: EgressRule = {
  to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** Prometheus, in a namespace that an administrator has labeled. */
const metrics: IngressRule = {
  from: [{ namespaceSelector: { matchLabels: { "questioncloud/monitoring": "true" } } }],
  ports: [{ protocol: "TCP", port: ports.probe }],
};

const backendPorts: Readonly<Record<Backend, readonly number[]>> = {
  mariadb: [3306],
  redis: [6379],
  mongodb: [27_017],
  smtp: [465, 587],
  https: [443],
  otlp: [4318],
};

/**
 * The port of an outside server, at any address but that of the metadata service of a cloud; an overlay narrows it to
 * the addresses of the installation.
 */
function backendPolicy(backend: Backend): INetworkPolicy {
  return policy(
    `allow-${backend}`,
    { [`questioncloud/uses-${backend}`]: "true" },
    {
      policyTypes: ["Egress"],
      egress: [
        {
          to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }],
          ports: backendPorts[backend].map(port => ({ protocol: "TCP" as const, port })),
        },
      ],
    },
  );
}

function policy(
  name: string,
  matchLabels: Record<string, string>,
  spec: Omit<PolicySpec, "podSelector">,
): INetworkPolicy {
  const podSelector = Object.keys(matchLabels).length === 0 ? {} : { matchLabels };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf("network", name),
    spec: { podSelector, ...spec },
  };
}
