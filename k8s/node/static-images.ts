import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { NodeFolders } from "./folders.ts";
import { run } from "./run.ts";

interface StaticImage {
  readonly name: string;
  /** Files of this machine, by their paths in the image. */
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly env?: readonly string[];
}

/** Makes the images of the node's own pods, each of one static program. */
export async function makeStaticImages({ bin, images }: NodeFolders): Promise<void> {
  mkdirSync(images, { recursive: true });
  for (const name of ["pause", "dns"]) {
    const image = {
      name: `localhost/${name}:1`,
      files: { [name]: join(bin, name) },
      entrypoint: [`/${name}`],
    };
    await makeImage(image, join(images, `${name}.tar`));
  }
}

/** Writes the archive of an image of a few files, without a builder. */
export async function makeImage(
  { name, files, entrypoint, env }: StaticImage,
  archive: string,
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "questioncloud-image-"));
  try {
    const layer = join(work, "layer");
    for (const [path, file] of Object.entries(files)) {
      mkdirSync(dirname(join(layer, path)), { recursive: true });
      copyFileSync(realpathSync(file), join(layer, path));
      chmodSync(join(layer, path), 0o755);
    }
    const layerFile = join(work, "layer.tar");
    await run("tar", ["-C", layer, "--owner=0", "--group=0", "--mtime=@0", "-cf", layerFile, "."]);
    const sum = createHash("sha256").update(readFileSync(layerFile)).digest("hex");
    const config = {
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { ...(entrypoint && { Entrypoint: entrypoint }), ...(env && { Env: env }) },
      rootfs: { type: "layers", diff_ids: [`sha256:${sum}`] },
    };
    const manifest = [{ Config: "config.json", RepoTags: [name], Layers: ["layer.tar"] }];
    writeFileSync(join(work, "config.json"), JSON.stringify(config));
    writeFileSync(join(work, "manifest.json"), JSON.stringify(manifest));
    await run("tar", ["-C", work, "-cf", archive, "config.json", "manifest.json", "layer.tar"]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
