import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Stack } from "#dev/stack/stack.ts";
import { callDurationMetric, readMetric } from "#test/support/stack/metrics.ts";

const tickMs = 1000 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Milliseconds of CPU that each service's process has used. */
export function cpuOf({ processes }: Stack): ReadonlyMap<string, number> {
  return new Map(
    [...processes].map(([name, { pid }]) => {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [userTicks = 0, systemTicks = 0] = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .slice(11, 13)
        .map(Number);
      return [name, (userTicks + systemTicks) * tickMs];
    }),
  );
}

/** Calls that each service has answered. */
export async function callsOf({ ports }: Stack): Promise<ReadonlyMap<string, number>> {
  const entries = Object.entries(ports.services).map(async ([name, { probe }]) => {
    const replica = { probeUrl: `http://127.0.0.1:${probe}` };
    return [name, await readMetric(replica, `${callDurationMetric}_count`)] as const;
  });
  return new Map(await Promise.all(entries));
}

/** What each service used between two readings. */
export function difference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map([...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)]));
}
