import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "#dev/demo/wait.ts";
import type { Log } from "#dev/stack/progress.ts";
import { buildProgram, type Environment, source } from "../gateway-api/programs.ts";
import type { NodeFolders } from "../node/folders.ts";
import { insideNode } from "../node/inside.ts";
import { run } from "../node/run.ts";
import { makeImage } from "../node/static-images.ts";
import { importImage } from "./images.ts";
import type { Kubectl } from "./kubectl.ts";

const namespace = "envoy-gateway-system";
const image = "localhost/envoy-gateway:1";
const controller = join(import.meta.dirname, "../gateway-api/controller.yaml");
const programmedLimits = { withinMs: 180_000, everyMs: 1000 };

/** Runs Envoy Gateway on the node: its definitions of resources, its certificates and its controller. */
export async function installEnvoyGateway(folders: NodeFolders, env: Environment, log: Log): Promise<void> {
  const program = await buildProgram("envoy-gateway", env, log);
  const inside = (...command: string[]) => run(...insideNode(folders, command));
  const apply = (text: string) =>
    run(...insideNode(folders, ["kubectl", "apply", "--server-side", "--force-conflicts", "--filename=-"]), {
      input: text,
    });
  log("installing Envoy Gateway");
  await importImage(folders, await makeControllerImage(folders, program));
  await apply(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }));
  await apply(await readDefinitions());
  const settings = `ENVOY_GATEWAY_NAMESPACE=${namespace}`;
  await inside("env", settings, program, "certgen", "--disable-topology-injector");
  await apply(readFileSync(controller, "utf8"));
  await inside(
    ...["kubectl", "rollout", "status", "deployment/envoy-gateway", `--namespace=${namespace}`],
    "--timeout=180s",
  );
}

async function makeControllerImage({ images }: NodeFolders, program: string): Promise<string> {
  const archive = join(images, "envoy-gateway.tar");
  if (!existsSync(archive) || statSync(archive).mtimeMs < statSync(program).mtimeMs) {
    const path = "/envoy-gateway";
    await makeImage(
      { name: image, files: { [path]: program }, entrypoint: [path], env: ["PATH=/"] },
      archive,
    );
  }
  return archive;
}

/** The definitions of its chart, of which every file is inside one condition. */
async function readDefinitions(): Promise<string> {
  const module = ["list", "-m", "-f", "{{.Dir}}", "github.com/envoyproxy/gateway"];
  const dir = (await run("go", module, { cwd: source })).trim();
  const templates = join(dir, "charts/gateway-crds-helm/templates");
  return globSync("{standard-gatewayapi-crds.yaml,generated/*.yaml}", { cwd: templates })
    .sort()
    .map(file => readFileSync(join(templates, file), "utf8").replace(/^\{\{-? .*\}\}$/gm, ""))
    .join("\n---\n");
}

/** Waits until Envoy has the gateway with every patch; throws when one cannot be applied. */
export async function waitUntilProgrammed(kubectl: Kubectl): Promise<void> {
  await kubectl(["wait", "gateway", "--all", "--for=condition=Programmed", "--timeout=180s"]);
  await waitFor("Envoy Gateway to apply every patch", () => areProgrammed(kubectl), programmedLimits);
}

async function areProgrammed(kubectl: Kubectl): Promise<boolean> {
  const { items } = JSON.parse(await kubectl(["get", "envoypatchpolicies", "--output=json"])) as {
    items: Patch[];
  };
  const open = items.map(stateOf).filter(state => state !== "programmed");
  const refused = open.filter(state => state !== "waiting");
  if (refused.length > 0) {
    throw new Error(`Envoy Gateway did not apply every patch: ${refused.join("; ")}`);
  }
  return open.length === 0;
}

interface Patch {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: {
    readonly ancestors?: readonly {
      readonly conditions: readonly {
        type: string;
        status: string;
        message: string;
        observedGeneration: number;
      }[];
    }[];
  };
}

/** `programmed`, `waiting`, or why not. */
function stateOf({ metadata, status }: Patch): string {
  const conditions = (status?.ancestors ?? []).flatMap(each => each.conditions);
  const current = conditions.filter(
    ({ type, observedGeneration }) => type === "Programmed" && observedGeneration === metadata.generation,
  );
  const [condition] = current;
  if (condition === undefined) {
    return "waiting";
  }
  return condition.status === "True" ? "programmed" : `${metadata.name}: ${condition.message}`;
}
