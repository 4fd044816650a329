import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { silentNarrator } from "#dev/demo/narrator.ts";
import { playStory } from "#dev/demo/story.ts";
import { waitFor } from "#dev/demo/wait.ts";
import { loadSampleData } from "#dev/sample/load.ts";
import { sampleAdmin, samplePassword } from "#dev/sample/people.ts";
import { createProgressLog } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { startPrometheus } from "#dev/stack/servers/prometheus.ts";
import { createBase } from "../objects/render.ts";
import { askAllQueries } from "../observability/ask-prometheus.ts";
import { applyFolder, waitForRollout } from "./apply.ts";
import { namespace, requireRunningStack } from "./deploy.ts";
import { writeInstallation } from "./installation.ts";
import { type Kubectl, kubectlOf } from "./kubectl.ts";
import { imageOf, productSelector } from "./pods.ts";

const scrapeSeconds = 5;
const observedLimits = { withinMs: 180_000, everyMs: 1000 };
const portBase = 25_100;
const stories = 2;

interface Observation {
  readonly kubeconfig: string;
  /** Where the cluster's pods find this machine. */
  readonly address: string;
  /** The folder of `npm run k8s -- stores`. */
  readonly stores: string;
}

/**
 * Runs the pod that verifies invariants, and a Prometheus outside of the cluster that scrapes its pods with every rule;
 * plays the demo, and tells whether each target, rule and query of a dashboard works. Returns the exit code.
 */
export async function observe({ kubeconfig, address, stores }: Observation): Promise<number> {
  const { log, end } = createProgressLog();
  const stack = requireRunningStack(stores);
  const kubectl = kubectlOf(kubeconfig, namespace);
  const folders = writeInstallation(
    join(root, ".cache/k8s-observed"),
    {
      overlay: join(root, "k8s/overlays/local"),
      namespace,
      images: { questioncloud: await imageOf(kubectl, "user") },
      address,
      env: stack.env,
    },
    await createBase(),
  );
  log("deploying the pod that verifies invariants");
  await applyFolder(kubectl, folders.observing);
  await waitForRollout(kubectl, "invariants");
  const { ports, release } = await reservePorts({ base: portBase, count: 1 });
  log("starting Prometheus");
  const targets = await podTargets(kubectl);
  const prometheus = await startPrometheus({
    dir: stores,
    port: ports[0] ?? 0,
    log,
    scrapeSeconds,
    targets,
  });
  if (prometheus === undefined) {
    return 1;
  }
  const { gatewayUrl = "", mailUrl, pspUrl, identityUrl } = stack;
  const admin = { email: sampleAdmin.email, password: samplePassword };
  const narration = { protocol: "connect", admin, narrator: silentNarrator } as const;
  const world = { gatewayUrl, mailUrl, pspUrl, identityUrl, ...narration };
  try {
    await loadSampleData({ ...stack, dir: stores }, log, () => gatewayUrl);
    await waitUntilObserved(prometheus.url);
    for (let story = 0; story < stories; story++) {
      // The first sample of a series shows no increase.
      await sleep(2 * scrapeSeconds * 1000);
      log("playing the demo");
      await playStory(world);
    }
    await sleep(2 * scrapeSeconds * 1000);
    end();
    return await report(prometheus.url);
  } finally {
    await prometheus.stop();
    await release();
  }
}

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: {
      readonly containers: readonly {
        readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
      }[];
    };
    readonly status: { readonly podIP: string };
  }[];
}

/** What the PodMonitor selects, read from the cluster, because Debian's Prometheus cannot discover pods. */
async function podTargets(kubectl: Kubectl): Promise<(readonly [string, string])[]> {
  const running = [productSelector, "--field-selector=status.phase=Running"];
  const { items } = JSON.parse(await kubectl(["get", "pods", ...running, "--output=json"])) as Pods;
  return items.flatMap(({ metadata, spec, status }) =>
    spec.containers
      .flatMap(({ ports = [] }) => ports.filter(({ name }) => name === "probe"))
      .map(
        ({ containerPort }) =>
          [metadata.labels["app.kubernetes.io/name"] ?? "", `${status.podIP}:${containerPort}`] as const,
      ),
  );
}

/** Waits until every pod is scraped and the invariants were verified once. */
async function waitUntilObserved(url: string): Promise<void> {
  let missing: (string | undefined)[] = [];
  const isObserved = async () => {
    const verified = await ask(url, "invariants_verified_timestamp_seconds");
    const down = await ask(url, "up == 0");
    missing = down.map(({ metric }) => metric.service_name);
    return verified.length > 0 && down.length === 0;
  };
  const what = () => `every pod to be scraped; missing: ${missing.join(", ") || "the verified invariants"}`;
  await waitFor(what, isObserved, observedLimits);
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state?: string;
}

async function report(url: string): Promise<number> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const up = await ask(url, "count by (service_name) (up == 1)");
  print(
    `scraped: ${up
      .map(({ metric, value }) => `${metric.service_name} ${value[1]}`)
      .sort()
      .join(", ")}`,
  );
  const violated = await ask(url, "invariant_violations > 0");
  const verified = await ask(url, "invariant_violations");
  print(`${verified.length - violated.length} of ${verified.length} invariants hold`);
  const { groups } = await get<{ groups: { rules: Rule[] }[] }>(`${url}/api/v1/rules`);
  const rules = groups.flatMap(group => group.rules);
  const failing = rules.filter(({ health }) => health === "err");
  const firing = rules.filter(({ state }) => state === "firing").map(({ name }) => name);
  print(
    `${rules.length - failing.length} of ${rules.length} rules work; firing: ${firing.join(", ") || "none"}`,
  );
  const answers = await askAllQueries(url, { seconds: 600, rateInterval: "1m" });
  const empty = answers.filter(({ lines }) => lines === 0);
  for (const { dashboard, panel, expr } of empty) {
    print(`no data  ${dashboard}, ${panel}: ${expr}`);
  }
  print(`${answers.length - empty.length} of ${answers.length} queries of dashboards have data`);
  return violated.length + failing.length + empty.length === 0 && verified.length > 0 ? 0 : 1;
}

async function ask(url: string, query: string): Promise<readonly Sample[]> {
  const { result } = await get<{ result: Sample[] }>(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
  return result;
}

async function get<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as { data: T };
  return answer.data;
}
