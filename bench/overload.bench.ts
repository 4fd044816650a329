import { setTimeout as delay } from "node:timers/promises";
import { callAtRate, carriedBy, type Outcome } from "./overload/call-at-rate.ts";
import { type Probed, probeOften } from "./overload/probe-often.ts";
import { type LoadedService, startLoadedService } from "./overload/service.ts";
import { printRow } from "./report.ts";

// A service as it ships is called at some times the rate that it carries, open loop, and at half of that right after:
// without refusing calls because of how long others wait, and as by default. It is limited by its core; and by its
// pool, whose statements take 50 ms. `npm run bench -- overload 4 0.5,1,2,4`: seconds, and the times.
const [seconds = "3", loads = "0.5,2,4"] = process.argv.slice(3);

const warmUpSeconds = 6;
const limits = [
  ["CPU", 0],
  ["pool", 50],
] as const;
const contenders = [
  ["without", { CALLS_WAIT_MS: "60000" }],
  ["as it ships", { CALLS_WAIT_MS: "" }],
] as const;

const service = await startLoadedService();
try {
  for (const [limit, databaseDelayMs] of limits) {
    await service.restart(contenders[0][1], databaseDelayMs);
    await carriedBy(service.call, warmUpSeconds);
    const carried = await carriedBy(service.call);
    printRow([
      `${limit}: carries ${carried.toFixed(0)}/s`,
      "",
      "answered/s",
      "p50",
      "p99",
      "refused/s",
      "p99",
    ]);
    const baseline = new Map<string, Outcome>();
    for (const [name, env] of contenders) {
      await service.restart(env, databaseDelayMs);
      await carriedBy(service.call, warmUpSeconds);
      for (const load of loads.split(",")) {
        const outcome = await measure(service, `${load} ${name}`, carried * Number(load), Number(seconds));
        printRatio(outcome, baseline.get(load));
        baseline.set(load, baseline.get(load) ?? outcome);
        await measure(service, "then at half", carried / 2, 1);
        await delay(500);
      }
    }
  }
} finally {
  await service.stop();
}

async function measure(
  { call, probeUrl, megabytes }: LoadedService,
  name: string,
  perSecond: number,
  forSeconds: number,
): Promise<Outcome> {
  const probes = probeOften(probeUrl);
  const outcome = await callAtRate(call, perSecond, forSeconds);
  const probed = await probes.stop();
  const { answered, p50, p99, refused, refusedP99 } = outcome;
  const cells = [answered, p50, p99, refused, refusedP99].map(value => value.toFixed(0));
  printRow([name, describe(outcome, probed), ...cells, `${megabytes().toFixed(0)} MB`]);
  return outcome;
}

function describe({ statuses }: Outcome, { slowestMs, failed }: Probed): string {
  const refusals = [...statuses].map(([status, count]) => `${count}×${status}`).join(" ");
  return `probe ${slowestMs.toFixed(0)} ms, ${failed} failed; ${refusals}`;
}

function printRatio(candidate: Outcome, baseline: Outcome | undefined): void {
  if (baseline !== undefined) {
    const ratio = (key: "answered" | "p99") => (candidate[key] / baseline[key]).toFixed(2);
    printRow(["  ratio", "", ratio("answered"), "", ratio("p99")]);
  }
}
