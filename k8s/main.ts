import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asksForHelp, runCommand, UsageError } from "#ops/command-line.ts";
import {
  deployCommand,
  observeCommand,
  probeCommand,
  rollCommand,
  rotateCommand,
  storesCommand,
  verifyCommand,
} from "./cluster/commands.ts";
import { gatewayApiCommand } from "./gateway-api/command.ts";
import { imageCommand } from "./image/command.ts";
import { nodeCommand } from "./node/command.ts";
import { nodeFolders } from "./node/folders.ts";
import { renderBase } from "./objects/render.ts";
import { writeSchemas } from "./schemas/write.ts";

const base = join(import.meta.dirname, "base");

interface Command {
  /** From the command's name on, as `--help` prints it. */
  readonly usage: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

const folders = nodeFolders(process.env);

const commands: Readonly<Record<string, Command>> = {
  render: {
    usage: `
  render                  writes k8s/base/ again: every object that follows from the contracts and from the tables of
                          variables`,
    run: render,
  },
  schemas: {
    usage: `
  schemas                 writes k8s/schemas/kinds/ again from the Go modules of the operators whose resources are
                          used`,
    run: writeSchemas,
  },
  "gateway-api": {
    usage: `
  gateway-api build|translate
                          builds Envoy Gateway's translator and controller, which needs Go; prints what the
                          translator makes of the gateway's resources, for an Envoy whose services are where the
                          variables of the gateway say`,
    run: args => gatewayApiCommand(args, process.env),
  },
  image: {
    usage: `
  image [--tag TAG] [--base IMAGE]
                          builds the image, with docker where its daemon answers and with buildah otherwise`,
    run: imageCommand,
  },
  node: {
    usage: `
  node up|down|status     a real cluster of one node on this machine, in namespaces of its own: needs root, and Go the
                          first time
  node exec COMMAND...    runs a command inside the node, such as kubectl`,
    run: args => nodeCommand(args, folders, process.env),
  },
  deploy: {
    usage: `
  deploy [--no-demo] [--gateway-api | --tls]
                          runs everything on the node, fills it with sample data, and plays the demo; with
                          --gateway-api, Envoy Gateway runs the gateway; with --tls, both ends of every call between
                          services and from the gateway show certificates
  deploy --kubeconfig FILE --address IP --image NAME [--envoy-image NAME]
                          the same on a cluster that can pull these images, with the databases of "stores"`,
    run: args => deployCommand(args, folders, process.env),
  },
  probe: {
    usage: `
  probe [--kubeconfig FILE]
                          tries every connection between the pods of a deployment, and to what none may reach`,
    run: args => probeCommand(args, folders),
  },
  observe: {
    usage: `
  observe [--kubeconfig FILE --address IP]
                          runs the pod that verifies invariants and a Prometheus, plays the demo, and tells whether
                          every target, rule and query of a dashboard works`,
    run: args => observeCommand(args, folders),
  },
  roll: {
    usage: `
  roll [--services NAMES] [--seconds N] [--next]
                          replaces, deletes, evicts, kills and stops pods while people read, charge and buy, for N
                          seconds (60) a service at the least; --next builds the image of a next version, with one
                          more migration in every schema, and rolls it out
  roll --kubeconfig FILE [--to IMAGE]
                          the same on a cluster of one's own, with the next version in an image that it can pull`,
    run: args => rollCommand(args, folders),
  },
  rotate: {
    usage: `
  rotate [--only NAMES] [--let-expire] [--kubeconfig FILE --address IP]
                          replaces keys, secrets and passwords while people read, charge and buy, and asks after each
                          step whether the new one is used and the old one is refused; with --let-expire the
                          certificates of the old authority end under calls`,
    run: args => rotateCommand(args, folders),
  },
  verify: {
    usage: `
  verify [--kubeconfig FILE]
                          asks an API server whether it takes every object; starts one where one is built`,
    run: args => verifyCommand(args, folders),
  },
  stores: {
    usage: `
  stores --address IP --gateway HOST:PORT
                          runs databases, queues and simulators for a cluster that reaches this machine at IP, and
                          whose gateway this machine reaches at HOST:PORT, until Ctrl-C`,
    run: storesCommand,
  },
};

async function main(): Promise<number> {
  const [name = "", ...args] = process.argv.slice(2);
  if (asksForHelp([name])) {
    return help(Object.values(commands));
  }
  const command = commands[name];
  if (command === undefined) {
    throw new UsageError(`not understood: ${name || "no command"}`);
  }
  // What follows `exec` and its program is the program's.
  return asksForHelp(args[0] === "exec" ? args.slice(0, 2) : args) ? help([command]) : command.run(args);
}

function help(described: readonly Command[]): number {
  process.stdout.write(`npm run k8s -- COMMAND\n${described.map(({ usage }) => `${usage}\n`).join("")}`);
  return 0;
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
