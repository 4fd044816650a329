import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGoProgram, goSourceHash } from "../go-program.ts";

const source = join(import.meta.dirname, "programs");
const translator = "github.com/envoyproxy/gateway/cmd/egctl";

type Environment = Readonly<Record<string, string | undefined>>;

/** Envoy Gateway's own translator, if it was built on this machine from this go.mod. */
export function findTranslator(env: Environment): string | undefined {
  const { program, stamp } = placesOf(env);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === goSourceHash(source) ? program : undefined;
}

/** Builds it once, outside the checkout; the Go build cache keeps what is compiled for the next version. */
export async function buildTranslator(env: Environment, log: (line: string) => void): Promise<string> {
  const { folder, program, stamp } = placesOf(env);
  mkdirSync(folder, { recursive: true });
  log("building Envoy Gateway's translator from its Go module: once, about 6 minutes on two free cores");
  let packages = 0;
  await buildGoProgram({
    source,
    package: translator,
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

function placesOf(env: Environment) {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || "/root", ".cache");
  const folder = join(cache, "questioncloud/gateway-api");
  return { folder, program: join(folder, "egctl"), stamp: join(folder, "source") };
}
