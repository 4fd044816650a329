import { readEnvoyOptions } from "#gateway/config.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { createGatewayApi } from "../gateway-api/gateway.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { envoyVariables } from "../objects/render.ts";

/**
 * What an installation changes of the gateway's resources in base: it replaces the ones that its options make
 * different, and names the image of Envoy.
 */
export function gatewayApiChanges(options: EnvoyOptions, envoyImage: string) {
  const base = objectsByName(readEnvoyOptions(envoyVariables));
  const decided = objectsByName(options);
  const patches = [...base].flatMap(([name, object]) => {
    const wanted = decided.get(name);
    const target = { kind: object.kind, name: object.metadata?.name };
    if (wanted === undefined) {
      const { apiVersion, kind } = object;
      const metadata = { name: target.name };
      return [{ target, patch: JSON.stringify({ $patch: "delete", apiVersion, kind, metadata }) }];
    }
    return specOf(wanted) === specOf(object) ? [] : [{ target, patch: replace("/spec", specOf(wanted)) }];
  });
  const image = replace(
    "/spec/provider/kubernetes/envoyDeployment/container/image",
    JSON.stringify(envoyImage),
  );
  return {
    objects: [...decided].flatMap(([name, object]) => (base.has(name) ? [] : [object])),
    patches: [...patches, { target: { kind: "EnvoyProxy" }, patch: image }],
  };
}

function objectsByName(options: EnvoyOptions): Map<string, KubernetesObject> {
  const objects = Object.values(createGatewayApi(options)).flat();
  return new Map(objects.map(object => [`${object.kind} ${object.metadata?.name}`, object]));
}

function specOf(object: KubernetesObject): string {
  return JSON.stringify((object as { spec?: unknown }).spec);
}

function replace(path: string, json: string): string {
  return `[{"op":"replace","path":"${path}","value":${json}}]`;
}
