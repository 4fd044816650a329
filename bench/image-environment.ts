import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";

/** The variables with which the image starts a service, but for PATH. */
export function imageEnvironment(): Record<string, string> {
  const dockerfile = readFileSync(join(root, "k8s/image/Dockerfile"), "utf8");
  const [, block = ""] = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile) ?? [];
  const { PATH: _path, ...variables } = Object.fromEntries(
    [...block.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]),
  );
  if (variables.NODE_OPTIONS === undefined) {
    throw new Error("the Dockerfile has no NODE_OPTIONS");
  }
  return variables;
}
