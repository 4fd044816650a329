import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeFolders } from "./folders.ts";
import { run } from "./run.ts";

/** Makes the images of the node's own pods, each of one static program, without a builder. */
export async function makeStaticImages({ bin, images }: NodeFolders): Promise<void> {
  mkdirSync(images, { recursive: true });
  for (const name of ["pause", "dns"]) {
    await makeImage(name, join(bin, name), join(images, `${name}.tar`));
  }
}

async function makeImage(name: string, program: string, archive: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "questioncloud-image-"));
  try {
    const layer = join(work, "layer");
    mkdirSync(layer);
    copyFileSync(program, join(layer, name));
    chmodSync(join(layer, name), 0o755);
    const layerFile = join(work, "layer.tar");
    await run("tar", ["-C", layer, "--owner=0", "--group=0", "--mtime=@0", "-cf", layerFile, "."]);
    const sum = createHash("sha256").update(readFileSync(layerFile)).digest("hex");
    const config = {
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { Entrypoint: [`/${name}`] },
      rootfs: { type: "layers", diff_ids: [`sha256:${sum}`] },
    };
    const manifest = [{ Config: "config.json", RepoTags: [`localhost/${name}:1`], Layers: ["layer.tar"] }];
    writeFileSync(join(work, "config.json"), JSON.stringify(config));
    writeFileSync(join(work, "manifest.json"), JSON.stringify(manifest));
    await run("tar", ["-C", work, "-cf", archive, "config.json", "manifest.json", "layer.tar"]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
