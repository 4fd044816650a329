import type { KubernetesObject } from "../objects/part.ts";

interface PatchPolicy {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly jsonPatches: readonly JsonPatch[] };
}

interface JsonPatch {
  readonly type: string;
  readonly name: string;
  readonly operation: { readonly path: string; readonly jsonPath?: string; readonly value?: unknown };
}

/** The translated resources of one type. */
type Resources = readonly { readonly [key: string]: unknown }[];

/**
 * Throws if a patch is not in what was translated: the translator passes over those that it cannot apply, and says so
 * in no output. In a cluster the status of the policy has it.
 */
export function requirePatched(
  objects: readonly KubernetesObject[],
  resourcesOf: (type: string) => Resources,
): void {
  const missing = objects
    .filter(({ kind }) => kind === "EnvoyPatchPolicy")
    .flatMap(object => {
      const { metadata, spec } = object as unknown as PatchPolicy;
      return spec.jsonPatches
        .filter(each => !isApplied(each, resourcesOf(each.type)))
        .map(({ name, operation }) => `${metadata.name}: ${operation.path} of ${name}`);
    });
  if (missing.length > 0) {
    throw new Error(`Envoy Gateway did not apply these patches:\n${missing.join("\n")}`);
  }
}

function isApplied({ name, operation }: JsonPatch, resources: Resources): boolean {
  const resource = resources.find(each => each.name === name);
  const keys = operation.path.split("/").slice(1).map(inJson);
  if (operation.jsonPath !== undefined) {
    return JSON.stringify(resource ?? {}).includes(`"${keys.at(-1)}":`);
  }
  const parent = keys.slice(0, -1).reduce(at, resource);
  if (Array.isArray(parent)) {
    const { name: added } = operation.value as { name?: string };
    return parent.some(each => each.name === added);
  }
  return at(parent, keys.at(-1) ?? "") !== undefined;
}

const at = (value: unknown, key: string): unknown => (value as Record<string, unknown> | undefined)?.[key];

/** The name of a field in the JSON of a protocol buffer. */
function inJson(field: string): string {
  return field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
