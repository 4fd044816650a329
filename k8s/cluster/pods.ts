import { productLabels } from "../objects/names.ts";
import { waitForRollouts } from "./apply.ts";
import type { Kubectl } from "./kubectl.ts";

/** Selects everything that belongs to the product. */
export const productSelector = `--selector=${Object.entries(productLabels).map(each => each.join("="))}`;

/** The parts that serve, by the names of their deployments: services, site and gateway. */
export async function servingParts(kubectl: Kubectl): Promise<string[]> {
  const selector = `${productSelector},app.kubernetes.io/name!=invariants`;
  const names = "--output=jsonpath={.items[*].metadata.name}";
  return (await kubectl(["get", "deployments", selector, names])).trim().split(" ");
}

/** The pods of a part that are not about to end. */
export async function podsOf(kubectl: Kubectl, part: string): Promise<string[]> {
  const selector = `--selector=app.kubernetes.io/name=${part}`;
  const { items } = JSON.parse(await kubectl(["get", "pods", selector, "--output=json"])) as {
    items: { metadata: { name: string; deletionTimestamp?: string } }[];
  };
  return items.flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [metadata.name] : []));
}

/** The image that the pods of a part run. */
export function imageOf(kubectl: Kubectl, part: string): Promise<string> {
  const image = "{.spec.template.spec.containers[0].image}";
  return kubectl(["get", `deployment/${part}`, `--output=jsonpath=${image}`]);
}

/** Runs two pods of everything that serves, so that one can be replaced. */
export async function twoOfEach(kubectl: Kubectl): Promise<void> {
  await kubectl([
    "scale",
    "--replicas=2",
    ...(await servingParts(kubectl)).map(part => `deployment/${part}`),
  ]);
  await waitForRollouts(kubectl);
}
