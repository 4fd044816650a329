import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { startStack } from "#dev/stack/stack.ts";
import { bundle } from "#k8s/image/bundle.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { imageEnvironment } from "./image-environment.ts";

// How long each service takes from its start until it is ready, and its memory then: from the sources, and as in the
// image. `npm run bench -- start pay user` measures these two.

const rounds = 3;
// For what a service does right after its start.
const settleMs = 1000;

const chosen = process.argv.slice(3);
const services = chosen.length > 0 ? chosen : serviceNames;
const app = join(root, ".cache/start-bench");

// As V8 chooses in a pod, whose memory is limited to 512 MiB: it collects garbage earlier than with the whole machine.
const podOptions = ["--max-old-space-size=256"];

const contenders = [
  ["source", ["--import", join(root, "kit/process/telemetry.ts"), join(root, "services/main.ts")], {}],
  ["image", [...podOptions, join(app, "services/main.js")], imageEnvironment()],
] as const;

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  readonly megabytes: number;
}

const run = await claimTemporaryDirectory(join(root, ".data"), "start-bench");
const options = { dir: run.dir, portBase: 26_000, log: () => {}, keepQueues: false };
const stack = await startStack({ ...options, processes: true, services: [] });
try {
  await bundle(app);
  for (const service of services) {
    await compareStarts(service);
  }
} finally {
  await stack.stop();
  await run.release();
}

async function compareStarts(service: string): Promise<void> {
  const measured = contenders.map(() => [] as Start[]);
  // The first round warms up the file system.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, [, args, env]] of contenders.entries()) {
      const started = await start(service, args, env);
      if (round > 0) {
        measured[index]?.push(started);
      }
    }
  }
  const [baseline = []] = measured;
  for (const [index, [name]] of contenders.entries()) {
    const starts = measured[index] ?? [];
    const columns = (["ms", "cpuMs", "megabytes"] as const).map(key => {
      const ratio = median(starts.map((each, round) => each[key] / (baseline[round]?.[key] ?? 1)));
      return `${median(starts.map(each => each[key]))
        .toFixed(0)
        .padStart(6)} (${ratio.toFixed(2)})`;
    });
    process.stdout.write(
      `${service.padEnd(10)} ${name.padEnd(7)} ready after ms, CPU ms, MB:${columns.join("")}\n`,
    );
  }
}

async function start(
  service: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Start> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [...args, service], {
    env: { ...process.env, ...stack.env, ...env, LOG_LEVEL: "silent" },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  const readyUrl = `http://127.0.0.1:${stack.ports.services[service]?.probe}/readyz`;
  while (
    !(await fetch(readyUrl)
      .then(({ ok }) => ok)
      .catch(() => false))
  ) {
    if (child.exitCode !== null) {
      throw new Error(`${service} ended before it was ready`);
    }
    await delay(2);
  }
  const ms = performance.now() - startMs;
  await delay(settleMs);
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(" ");
  child.kill("SIGKILL");
  await ended;
  return {
    ms,
    // In hundredths of a second.
    cpuMs: (Number(fields[13]) + Number(fields[14])) * 10,
    megabytes: (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
