import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import { findEnvoy } from "#dev/stack/servers/envoy.ts";
import type { NodeFolders } from "../node/folders.ts";
import { insideNode } from "../node/inside.ts";
import { run } from "../node/run.ts";
import { makeImage } from "../node/static-images.ts";

export const envoyImage = "localhost/envoy:1";

/** Imports the archive of an image into the node. */
export async function importImage(folders: NodeFolders, archive: string): Promise<void> {
  const socket = join(folders.run, "containerd.sock");
  const [command, args] = insideNode(folders, [
    ...["ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", archive],
  ]);
  await run(command, args);
}

/** Makes the image of the gateway from the Envoy of this machine once, and returns its archive. */
export async function makeEnvoyImage(folders: NodeFolders, log: Log): Promise<string> {
  const archive = join(folders.images, "envoy.tar");
  if (!existsSync(archive)) {
    const envoy = await findEnvoy({ cacheDir: join(root, ".cache"), log });
    if (envoy === undefined) {
      throw new Error("there is no Envoy for the gateway");
    }
    const libraries = (await run("ldd", [envoy])).matchAll(/(\/\S+) \(0x/g);
    const files = Object.fromEntries([...libraries].map(([, path = ""]) => [path, path]));
    await makeImage({ name: envoyImage, files: { ...files, "/envoy": envoy }, env: ["PATH=/"] }, archive);
  }
  return archive;
}
