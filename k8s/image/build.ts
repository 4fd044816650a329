import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "#dev/stack/progress.ts";
import { run } from "../node/run.ts";
import { makeBase } from "./base.ts";
import { findBuilder } from "./builder.ts";
import { bundle } from "./bundle.ts";
import { manifest, root } from "./root.ts";
import { bytesIn } from "./sizes.ts";

const localBase = "localhost/questioncloud-base:24";

interface ImageOptions {
  /** Without it, the version of package.json. */
  readonly tag?: string | undefined;
  /** An image with Node.js 24; without it, one is made of this machine's packages. */
  readonly base?: string | undefined;
  readonly log: Log;
}

/** Where the image is, and how large its parts are. */
interface BuiltImage {
  readonly name: string;
  readonly archive: string;
  readonly sbom: string;
  readonly appBytes: number;
  /** Undefined where the base was not made here. */
  readonly baseBytes: number | undefined;
}

/** Bundles the product and builds its image, with a list of the packages in it. */
export async function buildImage({ tag = manifest.version, base, log }: ImageOptions): Promise<BuiltImage> {
  const folder = join(root, ".cache/image");
  const [context, baseFolder] = [join(folder, "context"), join(folder, "base")];
  const name = `localhost/questioncloud:${tag}`;
  const archive = join(folder, `questioncloud-${tag}.tar`);
  const sbom = join(folder, `questioncloud-${tag}.cdx.json`);
  mkdirSync(baseFolder, { recursive: true });
  log("Bundling services and commands");
  await bundle(join(context, "app"));
  writeFileSync(sbom, await listPackages());
  const builder = await findBuilder(folder);
  log(`Building with ${builder.name}`);
  if (base === undefined) {
    await makeBase(baseFolder);
    await builder.build(localBase, baseFolder, { dockerfile: join(baseFolder, "Dockerfile") });
  }
  const dockerfile = join(root, "k8s/image/Dockerfile");
  await builder.build(name, context, { dockerfile, base: base ?? localBase });
  await builder.save(name, archive);
  return {
    name,
    archive,
    sbom,
    appBytes: bytesIn(join(context, "app")),
    baseBytes: base === undefined ? bytesIn(join(baseFolder, "rootfs")) : undefined,
  };
}

function listPackages(): Promise<string> {
  return run("npm", ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"], {
    cwd: root,
  });
}
