/** The ports of every service in the cluster; each pod has an address of its own. */
export const ports = { grpc: 9000, http: 9001, probe: 9002 };

export const sitePort = 8080;
export const gatewayPort = 8080;
/** For the kubelet alone: in no Service, and no network policy lets a pod connect to it. */
export const gatewayDrainPort = 9903;

/** Where key files and certificates are mounted. */
export const keysPath = "/keys";
export const publicKeysPath = "/public-keys";
export const certificatesPath = "/certificates";

/** Selects the pods of a part: a service, `site`, `gateway`, `migrate` or `topology`. */
export function selectorOf(part: string): Record<string, string> {
  return { "app.kubernetes.io/name": part };
}

/** The labels of everything that belongs to the product. */
export const productLabels = { "app.kubernetes.io/part-of": "questioncloud" };

/** The labels of everything that belongs to a part. */
export function labelsOf(part: string): Record<string, string> {
  return { ...selectorOf(part), ...productLabels };
}

/** The metadata of an object of a part. */
export function metadataOf(part: string, name = part) {
  return { name, labels: labelsOf(part) };
}
