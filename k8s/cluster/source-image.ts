import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import { buildImage } from "../image/build.ts";
import { run } from "../node/run.ts";

/** An image and the archive that it can be imported from. */
interface SourceImage {
  readonly name: string;
  readonly archive: string;
}

/** The image of the sources as they are, built unless an earlier call did; its tag changes with them. */
export async function imageOfSources(log: Log): Promise<SourceImage> {
  const tag = await sourceTag();
  const known = {
    name: `localhost/questioncloud:${tag}`,
    archive: join(root, `.cache/image/questioncloud-${tag}.tar`),
  };
  if (existsSync(known.archive)) {
    return known;
  }
  return buildImage({ tag, base: undefined, log });
}

async function sourceTag(): Promise<string> {
  const git = (...args: string[]) => run("git", args, { cwd: root });
  const hash = createHash("sha256")
    .update(await git("rev-parse", "HEAD"))
    .update(await git("diff", "HEAD", "--", "services", "kit", "gen", "ops", "gateway", "package-lock.json"));
  return hash.digest("hex").slice(0, 12);
}
