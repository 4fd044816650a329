import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";

/** The options of Node.js with which the image starts a service, separated by spaces. */
export function imageOptions(): string {
  const dockerfile = readFileSync(join(root, "k8s/image/Dockerfile"), "utf8");
  const [, options] = /NODE_OPTIONS="([^"]*)"/.exec(dockerfile) ?? [];
  if (options === undefined) {
    throw new Error("the Dockerfile has no NODE_OPTIONS");
  }
  return options;
}
