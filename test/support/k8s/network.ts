/** A pod template with the name of what it belongs to. */
interface Pod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext: object;
  readonly containers: readonly {
    readonly securityContext: object;
    readonly env?: readonly {
      readonly name: string;
      readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string } };
    }[];
  }[];
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: object;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port: number }[];
}

interface Policy {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** The pods of a namespace and the policies over them. */
export interface Cluster {
  readonly pods: readonly Pod[];
  readonly policies: readonly Policy[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Record<string, unknown>;
}

/** What counts for the network among the objects of one namespace. */
export function clusterOf(objects: readonly Manifest[]): Cluster {
  const pods = objects
    .filter(({ kind }) => kind === "Deployment" || kind === "Job")
    .map(({ metadata, spec }) => {
      const template = spec?.template as { metadata: { labels: Record<string, string> }; spec: PodSpec };
      return { name: metadata.name, labels: template.metadata.labels, spec: template.spec };
    });
  const policies = objects
    .filter(({ kind }) => kind === "NetworkPolicy")
    .map(({ spec }) => spec as unknown as Policy);
  return { pods, policies };
}

/**
 * Whether a pod may connect to a port of another pod of its namespace, by the rules of the API: who is selected by any
 * policy of a direction may do what one of those policies allows; both ends must allow it.
 */
export function isAllowed(
  { pods, policies }: Cluster,
  { from, to, port }: { from: string; to: string; port: number },
): boolean {
  const source = podNamed(pods, from);
  const target = podNamed(pods, to);
  const leaves = allows(policies, source, "Egress", ({ egress = [] }) => egress, target, port);
  return leaves && allows(policies, target, "Ingress", ({ ingress = [] }) => ingress, source, port);
}

function allows(
  policies: readonly Policy[],
  pod: Pod,
  direction: "Ingress" | "Egress",
  rulesOf: (policy: Policy) => readonly Rule[],
  other: Pod,
  port: number,
): boolean {
  const selecting = policies.filter(
    policy => policy.policyTypes.includes(direction) && matches(policy.podSelector, pod),
  );
  const rules = selecting.flatMap(rulesOf);
  return selecting.length === 0 || rules.some(rule => matchesPeer(rule, other) && matchesPort(rule, port));
}

function matchesPeer({ from, to }: Rule, pod: Pod): boolean {
  const peers = from ?? to;
  return (
    peers === undefined ||
    peers.some(
      // Addresses and other namespaces are not pods of this one.
      ({ podSelector, namespaceSelector }) =>
        podSelector !== undefined && namespaceSelector === undefined && matches(podSelector, pod),
    )
  );
}

function matchesPort({ ports }: Rule, port: number): boolean {
  return ports === undefined || ports.some(each => each.port === port);
}

function matches({ matchLabels = {} }: Selector, { labels }: Pod): boolean {
  return Object.entries(matchLabels).every(([label, value]) => labels[label] === value);
}

function podNamed(pods: readonly Pod[], name: string): Pod {
  const pod = pods.find(each => each.name === name);
  if (pod === undefined) {
    throw new Error(`no pod ${name}`);
  }
  return pod;
}
