import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "#dev/stack/root.ts";
import { UsageError } from "#ops/command-line.ts";

export const text = { type: "string" } as const;
export const flag = { type: "boolean" } as const;

type Options = Readonly<Record<string, typeof text | typeof flag>>;
type Values<T extends Options> = {
  readonly [Name in keyof T]?: T[Name] extends typeof text ? string : boolean;
};

/** The options of every command that runs on a cluster. */
const ofCluster = { kubeconfig: text, stores: text };

/** The folder of `npm run k8s -- stores`. */
export const defaultStores = join(root, ".data/k8s");

/** What the node of this machine has instead of options that go with a kubeconfig. */
const onNode: Readonly<Record<string, string>> = {
  stores: "the node has stores of its own",
  address: "the node has an address of its own",
  image: "the node runs the image of the sources",
  "envoy-image": "the node runs the Envoy of this machine",
  to: "on the node, --next builds the next version",
};

/** Reads the options of a command that runs on the node of this machine, or on the cluster of a kubeconfig. */
export function readOptions<T extends Options>(args: readonly string[], own: T) {
  const { values } = parseArgs({ args: [...args], options: { ...own, ...ofCluster } as Options });
  const { kubeconfig, stores = defaultStores } = values as Values<typeof ofCluster>;
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    throw new UsageError(`there is no file ${kubeconfig}`);
  }
  const misplaced = Object.keys(onNode).find(name => values[name] !== undefined);
  if (kubeconfig === undefined && misplaced !== undefined) {
    throw new UsageError(`--${misplaced} goes with --kubeconfig: ${onNode[misplaced]}`);
  }
  return { values: values as Values<T>, kubeconfig, stores };
}

/** The value of an option that a command needs. */
export function required<Name extends string>(
  values: Readonly<Partial<Record<Name, string>>>,
  name: Name,
): string {
  const value = values[name];
  if (value === undefined || value === "") {
    throw new UsageError(`--${name} is missing`);
  }
  return value;
}
