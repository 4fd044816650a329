import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { scrapeJob } from "#k8s/observability/alerts.ts";
import { ruleGroups } from "#k8s/observability/rules.ts";
import { findDebianProgram } from "./debian-program.ts";
import { startProcess } from "./process.ts";
import type { BackingServer, ServerOptions } from "./server.ts";
import { localServer } from "./server.ts";

interface PrometheusOptions extends ServerOptions {
  /** Names of services, each with an address of a replica that has `/metrics`. */
  readonly targets: readonly (readonly [service: string, address: string])[];
  readonly scrapeSeconds: number;
}

/** The path of Prometheus; undefined where there is none, with the reason in the log. */
export function findPrometheus(log: (line: string) => void): Promise<string | undefined> {
  return findDebianProgram({ debianPackage: "prometheus", program: "prometheus", log });
}

/**
 * A Prometheus on loopback that scrapes the targets and has the rules of `k8s/observability/`; undefined where there is
 * none, with the reason in the log.
 */
export async function startPrometheus(options: PrometheusOptions): Promise<BackingServer | undefined> {
  const { port, log } = options;
  const bin = await findPrometheus(log);
  if (bin === undefined) {
    return undefined;
  }
  const dir = join(options.dir, "prometheus");
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "rules.yaml"), stringify({ groups: rules(options.scrapeSeconds) }));
  writeFileSync(join(dir, "prometheus.yaml"), stringify(configOf(options)));
  const url = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    name: "prometheus",
    command: bin,
    args: [
      `--config.file=${join(dir, "prometheus.yaml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    dir,
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
    log,
  });
  return localServer(url, server);
}

/** The rules, evaluated as often as is scraped. */
function rules(seconds: number) {
  return ruleGroups().map(group => ({ ...group, interval: `${seconds}s` }));
}

function configOf({ targets, scrapeSeconds }: PrometheusOptions) {
  return {
    global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
    rule_files: ["rules.yaml"],
    scrape_configs: [
      {
        job_name: scrapeJob,
        honor_labels: true,
        static_configs: targets.map(([name, address]) => ({
          targets: [address],
          labels: { service_name: name },
        })),
      },
    ],
  };
}
