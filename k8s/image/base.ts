import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { unpackDebian } from "#dev/stack/servers/debian.ts";
import { run } from "../node/run.ts";
import { root } from "./root.ts";

const packages = ["base-files", "libc6", "libgcc-s1", "libstdc++6", "netbase", "tzdata"];
const unused = ["usr/share/{doc,man,locale,lintian,bug}", "{usr/lib,lib}/*/gconv"];
const user = "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin";

/**
 * Makes the root file system of a base image without a registry: Debian's C libraries and the Node.js that
 * package-lock.json names. No shell, no package manager.
 */
export async function makeBase(folder: string): Promise<void> {
  const files = join(folder, "rootfs");
  rmSync(files, { recursive: true, force: true });
  await unpackDebian(join(folder, "debian"), packages);
  cpSync(join(folder, "debian"), files, { recursive: true, verbatimSymlinks: true });
  for (const each of unused.flatMap(pattern => globSync(pattern, { cwd: files }))) {
    rmSync(join(files, each), { recursive: true });
  }
  for (const each of ["tmp", "app", "etc/ssl/certs", "home/nonroot", "usr/bin"]) {
    mkdirSync(join(files, each), { recursive: true });
  }
  chmodSync(join(files, "tmp"), 0o1777);
  writeFileSync(join(files, "etc/passwd"), `root:x:0:0:root:/root:/sbin/nologin\n${user}\n`);
  writeFileSync(join(files, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
  const certificates = "etc/ssl/certs/ca-certificates.crt";
  if (existsSync(`/${certificates}`)) {
    copyFileSync(`/${certificates}`, join(files, certificates));
  }
  const node = join(files, "usr/bin/node");
  copyFileSync(join(root, "node_modules/node/bin/node"), node);
  // Smaller by a fifth; where there is no strip, it is larger and works as well.
  await run("strip", ["--strip-unneeded", node]).catch(() => {});
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nADD rootfs /\nUSER 65532:65532\n");
}
