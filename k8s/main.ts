import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "#ops/command-line.ts";
import { imageCommand } from "./image/command.ts";
import { nodeCommand } from "./node/command.ts";
import { nodeFolders } from "./node/folders.ts";
import { renderBase } from "./objects/render.ts";

const usage = `npm run k8s -- COMMAND

  render                 writes k8s/base/ again: every object that follows from the contracts and from the tables of
                         variables
  image [--tag TAG] [--base IMAGE]
                         builds the image, with docker where its daemon answers and with buildah otherwise
  node up|down|status    a real cluster of one node on this machine, in namespaces of its own: needs root, and Go the
                         first time
`;

const base = join(import.meta.dirname, "base");

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" }, tag: { type: "string" }, base: { type: "string" } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [command, ...rest] = positionals;
  switch (command) {
    case "render":
      return render(rest);
    case "image":
      return imageCommand(rest, values);
    case "node":
      return nodeCommand(rest, nodeFolders(process.env));
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
