import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "#dev/stack/progress.ts";
import { buildGoProgram, goSourceHash } from "../go-program.ts";

/** The folder of their go.mod. */
export const source = join(import.meta.dirname, "programs");
const module = "github.com/envoyproxy/gateway";

/** Envoy Gateway's own programs: the translator, and the controller that runs in a cluster. */
export const programNames = ["egctl", "envoy-gateway"] as const;
type ProgramName = (typeof programNames)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** A program of Envoy Gateway, if it was built on this machine from this go.mod. */
export function findProgram(name: ProgramName, env: Environment): string | undefined {
  const { program, stamp } = placesOf(name, env);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === goSourceHash(source) ? program : undefined;
}

/** Builds one outside the checkout, unless it is built; the Go build cache keeps what is compiled for the other. */
export async function buildProgram(name: ProgramName, env: Environment, log: Log): Promise<string> {
  const { folder, program, stamp } = placesOf(name, env);
  if (findProgram(name, env) !== undefined) {
    return program;
  }
  mkdirSync(folder, { recursive: true });
  log(`building ${name} from the Go module of Envoy Gateway: once, about 6 minutes on two free cores`);
  let packages = 0;
  await buildGoProgram({
    source,
    package: `${module}/cmd/${name}`,
    file: program,
    onPackage: () => {
      packages += 1;
      if (packages % 100 === 0) {
        log(`${packages} packages compiled`);
      }
    },
  });
  writeFileSync(stamp, goSourceHash(source));
  return program;
}

function placesOf(name: ProgramName, env: Environment) {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || "/root", ".cache");
  const folder = join(cache, "questioncloud/gateway-api");
  return { folder, program: join(folder, name), stamp: join(folder, `${name}.source`) };
}
