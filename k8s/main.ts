import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "#ops/command-line.ts";
import { renderBase } from "./objects/render.ts";

const usage = `npm run k8s -- render

  render   writes k8s/base/ again: every object that follows from the contracts and from the tables of variables
`;

const base = join(import.meta.dirname, "base");

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [command, ...rest] = positionals;
  if (command !== "render" || rest.length > 0) {
    throw new UsageError(`not understood: ${rest[0] ?? command ?? "no command"}`);
  }
  await render();
  return 0;
}

async function render(): Promise<void> {
  const files = await renderBase();
  for (const old of readdirSync(base)) {
    rmSync(join(base, old), { recursive: true });
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  process.stdout.write(`${files.size} files in k8s/base/\n`);
}

await runCommand("k8s", main);
