import { parseArgs } from "node:util";
import { buildImage } from "./build.ts";

/** Runs `npm run k8s -- image`: builds the image, and prints its size and where it is. */
export async function imageCommand(args: readonly string[]): Promise<number> {
  const { tag, base } = parseArgs({
    args: [...args],
    options: { tag: { type: "string" }, base: { type: "string" } },
  }).values;
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const { name, archive, sbom, appBytes, baseBytes } = await buildImage({ tag, base, log: print });
  const above = baseBytes === undefined ? "" : ` of ${mib(baseBytes)}`;
  print(`${name}: ${mib(appBytes)} above its base${above}`);
  print(archive);
  print(sbom);
  return 0;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
