import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";
import { run } from "../node/run.ts";
import type { Kubectl } from "./kubectl.ts";

/** A version that follows the one that is deployed: the same code, and one change of each schema before it. */
interface NextImage {
  readonly name: string;
  readonly archive: string;
}

const within = "180s";

/**
 * Builds the image of a next version from a copy of the commit that is checked out, in which every service has one
 * more migration, of the kind that comes first: a column that may be null. The copy is removed afterwards.
 */
export async function buildNextImage(services: readonly string[]): Promise<NextImage> {
  const folder = join(root, ".cache/next-version");
  const tag = `next-${Date.now()}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await run("sh", ["-c", `git archive HEAD | tar -x -C "${folder}"`], { cwd: root });
    await run("cp", ["-al", join(root, "node_modules"), folder]);
    symlinkSync(join(root, ".cache"), join(folder, ".cache"));
    for (const service of services) {
      writeFileSync(
        join(folder, "services", service, "db/migrations/9000-next-version.sql"),
        "ALTER TABLE outbox ADD COLUMN next_version TINYINT NULL;\n",
      );
    }
    await run(process.execPath, [join(folder, "k8s/main.ts"), "image", `--tag=${tag}`], { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return {
    name: `localhost/questioncloud:${tag}`,
    archive: join(root, `.cache/image/questioncloud-${tag}.tar`),
  };
}

/** Runs the job `migrate` of another image, while the services of the present one serve. */
export async function migrateTo(kubectl: Kubectl, image: string): Promise<string> {
  const job = JSON.parse(await kubectl(["get", "job", "migrate", "--output=json"]));
  const name = `migrate-${image.split(":").at(-1)}`;
  const { template, backoffLimit } = job.spec;
  template.spec.containers[0].image = image;
  // What the controller of jobs has set on the first one.
  template.metadata = { labels: withoutOwner(template.metadata.labels) };
  const next = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: { backoffLimit, ttlSecondsAfterFinished: 600, template },
  };
  await kubectl(["create", "--filename=-"], { input: JSON.stringify(next) });
  await kubectl(["wait", "--for=condition=complete", `job/${name}`, `--timeout=${within}`]);
  return kubectl(["logs", `job/${name}`]);
}

function withoutOwner(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !/controller-uid|job-name/.test(name)));
}
