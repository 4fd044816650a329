import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand, UsageError } from "#ops/command-line.ts";
import {
  deployCommand,
  probeCommand,
  rollCommand,
  storesCommand,
  verifyCommand,
} from "./cluster/commands.ts";
import { imageCommand } from "./image/command.ts";
import { nodeCommand } from "./node/command.ts";
import { nodeFolders } from "./node/folders.ts";
import { renderBase } from "./objects/render.ts";
import { writeSchemas } from "./schemas/write.ts";

const usage = `npm run k8s -- COMMAND

  render                  writes k8s/base/ again: every object that follows from the contracts and from the tables of
                          variables
  schemas                 writes k8s/schemas/kinds/ again from the Go modules of the operators whose resources are used
  image [--tag TAG] [--base IMAGE]
                          builds the image, with docker where its daemon answers and with buildah otherwise
  node up|down|status     a real cluster of one node on this machine, in namespaces of its own: needs root, and Go the
                          first time
  node exec COMMAND...    runs a command inside the node, such as kubectl
  deploy [--no-demo]      runs everything on the node, fills it with sample data, and plays the demo
  deploy --kubeconfig FILE --address IP --image NAME [--envoy-image NAME]
                          the same on a cluster that can pull these images, with the databases of "stores"
  probe [--kubeconfig FILE]
                          tries every connection between the pods of a deployment, and to what none may reach
  roll [--services NAMES] [--kubeconfig FILE]
                          replaces, deletes, evicts, kills and stops pods while people read, charge and buy
  verify [--kubeconfig FILE]
                          asks an API server whether it takes every object; starts one where one is built
  stores --address IP --gateway HOST:PORT
                          runs databases, queues and simulators for a cluster that reaches this machine at IP, and
                          whose gateway this machine reaches at HOST:PORT, until Ctrl-C
`;

const base = join(import.meta.dirname, "base");

async function main(): Promise<number> {
  const [command, ...args] = process.argv.slice(2);
  switch (command) {
    case "--help":
    case "-h":
      process.stdout.write(usage);
      return 0;
    case "render":
      return render(args);
    case "schemas":
      return writeSchemas(args);
    case "image":
      return imageCommand(args);
    case "node":
      return nodeCommand(args, nodeFolders(process.env));
    case "deploy":
      return deployCommand(args, nodeFolders(process.env));
    case "probe":
      return probeCommand(args, nodeFolders(process.env));
    case "roll":
      return rollCommand(args, nodeFolders(process.env));
    case "verify":
      return verifyCommand(args, nodeFolders(process.env));
    case "stores":
      return storesCommand(args);
    default:
      throw new UsageError(`not understood: ${command ?? "no command"}`);
  }
}

async function render([unexpected]: readonly string[]): Promise<number> {
  if (unexpected !== undefined) {
    throw new UsageError(`not understood: ${unexpected}`);
  }
  const files = await renderBase();
  for (const old of readdirSync(base)) {
    rmSync(join(base, old), { recursive: true });
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  process.stdout.write(`${files.size} files in k8s/base/\n`);
  return 0;
}

await runCommand("k8s", main);
