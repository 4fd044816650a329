import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { UsageError } from "#ops/command-line.ts";
import { run } from "../node/run.ts";

/** The operators whose resources the manifests use, and where their Go modules have the definitions. */
const operators = [
  {
    module: "github.com/envoyproxy/gateway@v1.9.1",
    folders: ["charts/gateway-crds-helm/templates", "charts/gateway-crds-helm/templates/generated"],
    kinds: [
      "GatewayClass",
      "Gateway",
      "HTTPRoute",
      "GRPCRoute",
      "BackendTLSPolicy",
      "BackendTrafficPolicy",
      "ClientTrafficPolicy",
      "EnvoyPatchPolicy",
      "EnvoyProxy",
      "SecurityPolicy",
    ],
  },
  {
    module: "github.com/cert-manager/cert-manager@v1.21.2",
    folders: ["deploy/crds"],
    kinds: ["Certificate", "Issuer"],
  },
  {
    module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    folders: ["example/prometheus-operator-crd"],
    kinds: ["PodMonitor", "PrometheusRule"],
  },
];

const folder = join(import.meta.dirname, "kinds");

interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { storage: boolean; schema: { openAPIV3Schema: object } }[];
  };
}

/** Writes the schemas of these kinds again, one file each, from the modules that Go downloads. */
export async function writeSchemas([unexpected]: readonly string[]): Promise<number> {
  if (unexpected !== undefined) {
    throw new UsageError(`not understood: ${unexpected}`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { module, folders, kinds } of operators) {
    const { Dir: dir } = JSON.parse(await run("go", ["mod", "download", "-json", module]));
    const found = folders.flatMap(each => definitionsIn(join(dir, each)));
    for (const kind of kinds) {
      const version = found
        .find(({ spec }) => spec.names.kind === kind)
        ?.spec.versions.find(({ storage }) => storage);
      if (version === undefined) {
        throw new Error(`${module} does not define ${kind}`);
      }
      const schema = JSON.stringify(close(version.schema.openAPIV3Schema));
      writeFileSync(join(folder, `${kind}.json`), `${schema}\n`);
    }
  }
  return 0;
}

function definitionsIn(path: string): Definition[] {
  return readdirSync(path)
    .filter(name => name.endsWith(".yaml") && !name.startsWith("experimental"))
    .flatMap(name => {
      // Conditions of the Helm chart have lines of their own.
      const text = readFileSync(join(path, name), "utf8").replace(/^.*\{\{-? .*$/gm, "");
      return parseAllDocuments(text).map(document => document.toJS() as Definition | null);
    })
    .filter(each => each !== null && each.kind === "CustomResourceDefinition") as Definition[];
}

/** Without texts and rules that an API server checks; a field that is not defined is an error. */
function close(schema: unknown, within: "schema" | "properties" | "alternatives" = "schema"): unknown {
  if (Array.isArray(schema)) {
    return schema.map(each => close(each, within));
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const isNames = within === "properties";
  const entries = Object.entries(schema)
    .filter(([key]) => isNames || !/^(description|x-kubernetes-validations)$/.test(key))
    // Flags within an expression are of Go alone.
    .filter(([key, value]) => isNames || key !== "pattern" || !String(value).includes("(?i)"))
    .map(([key, value]) => [key, close(value, isNames ? "schema" : (parts[key] ?? within))]);
  const isClosed =
    within === "schema" && "properties" in schema && !("x-kubernetes-preserve-unknown-fields" in schema);
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) };
}

/** What is in a part of a schema. Alternatives name some of the fields that are defined next to them. */
const parts: Readonly<Record<string, "properties" | "alternatives">> = {
  properties: "properties",
  allOf: "alternatives",
  anyOf: "alternatives",
  oneOf: "alternatives",
  not: "alternatives",
};
