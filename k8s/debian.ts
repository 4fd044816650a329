import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./node/run.ts";

/** Downloads Debian packages and unpacks them into `folder`, once; nothing is installed. */
export async function unpackDebian(folder: string, names: readonly string[]): Promise<void> {
  if (existsSync(folder)) {
    return;
  }
  const archives = `${folder}.archives`;
  const unpacked = `${folder}.unpacked`;
  for (const each of [archives, unpacked]) {
    rmSync(each, { recursive: true, force: true });
    mkdirSync(each, { recursive: true });
  }
  await run("apt-get", ["--quiet", "download", ...names], { cwd: archives }).catch((error: unknown) => {
    throw new Error("Debian's packages could not be downloaded; apt-get update may help", { cause: error });
  });
  for (const archive of await readdir(archives)) {
    await run("dpkg", ["-x", join(archives, archive), unpacked]);
  }
  rmSync(archives, { recursive: true });
  renameSync(unpacked, folder);
}
