import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unpackDebian } from "#dev/stack/servers/debian.ts";
import { run } from "../node/run.ts";

/** A program that builds images. */
interface Builder {
  readonly name: string;
  /** Builds the Dockerfile over a folder, and names the result. */
  build(image: string, context: string, options: BuildOptions): Promise<void>;
  /** Writes an image to an archive that container runtimes import. */
  save(image: string, archive: string): Promise<void>;
}

interface BuildOptions {
  readonly dockerfile: string;
  readonly base?: string;
}

/** Docker where its daemon answers; otherwise buildah, which needs neither a daemon nor a registry. */
export async function findBuilder(folder: string): Promise<Builder> {
  return (await works("docker", "info")) ? docker : buildah(folder);
}

const works = (command: string, argument: string) =>
  run(command, [argument]).then(
    () => true,
    () => false,
  );

const baseArgument = ({ base }: BuildOptions) => (base === undefined ? [] : ["--build-arg", `BASE=${base}`]);

const docker: Builder = {
  name: "docker",
  async build(image, context, options) {
    const file = ["--file", options.dockerfile];
    await run("docker", ["build", ...file, ...baseArgument(options), "--tag", image, context]);
  },
  async save(image, archive) {
    await run("docker", ["save", "--output", archive, image]);
  },
};

/** buildah of the machine, or of a Debian package that is unpacked and not installed. */
async function buildah(folder: string): Promise<Builder> {
  const tools = join(folder, "buildah");
  const installed = await works("buildah", "--version");
  if (!installed) {
    await unpackDebian(tools, ["buildah", "libgpgme11", "libassuan0"]);
  }
  const settings = join(folder, "buildah-settings");
  mkdirSync(settings, { recursive: true });
  const policy = join(settings, "policy.json");
  const registries = join(settings, "registries.conf");
  writeFileSync(policy, JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  writeFileSync(registries, "");
  // Copies instead of mounts, which not every machine allows.
  const storage = ["--root", join(folder, "storage"), "--runroot", join(folder, "storage-run")];
  const options = [...storage, "--storage-driver", "vfs", "--registries-conf", registries];
  const libraries = `LD_LIBRARY_PATH=${join(tools, `usr/lib/${triplets[process.arch] ?? process.arch}`)}`;
  const program = installed ? ["buildah"] : [libraries, join(tools, "usr/bin/buildah")];
  const call = (command: string, ...args: string[]) =>
    run("env", [...program, ...options, command, "--signature-policy", policy, ...args]);
  return {
    name: "buildah",
    async build(image, context, how) {
      const file = ["--file", how.dockerfile, "--isolation", "chroot", "--pull-never"];
      await call("bud", ...file, ...baseArgument(how), "--timestamp", "0", "--tag", image, context);
    },
    async save(image, archive) {
      rmSync(archive, { force: true });
      await call("push", image, `docker-archive:${archive}:${image}`);
    },
  };
}

const triplets: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };
