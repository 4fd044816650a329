import {
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  METRIC_RPC_SERVER_CALL_DURATION,
} from "@opentelemetry/semantic-conventions";
import { prometheusName } from "#kit/process/prometheus-name.ts";
import type { Replica } from "./replica.ts";

/** The metric by which a replica counts the calls that it answers. */
export const callDurationMetric = `${prometheusName(METRIC_RPC_SERVER_CALL_DURATION)}_seconds`;

/** The sum of all samples of a metric with these labels; 0 if there is none. */
export async function readMetric(
  { probeUrl }: Pick<Replica, "probeUrl">,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(`${probeUrl}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split("\n")
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter(line => wanted.every(label => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** How many calls of a method a replica has answered. */
export function countCalls(
  replica: Pick<Replica, "probeUrl">,
  { method, code, protocol }: { method: string; code?: string; protocol?: string },
): Promise<number> {
  return readMetric(replica, `${callDurationMetric}_count`, {
    [prometheusName(ATTR_RPC_METHOD)]: method,
    ...(code !== undefined && { [prometheusName(ATTR_RPC_STATUS_CODE)]: code }),
    ...(protocol !== undefined && { protocol }),
  });
}

/** A metric as it was scraped, with the labels of its samples. */
export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Readonly<Record<string, string>>[];
}

/** Everything that a service shows to Prometheus. */
export async function readMetrics({ probeUrl }: Pick<Replica, "probeUrl">): Promise<Metric[]> {
  const lines = (await (await fetch(`${probeUrl}/metrics`)).text()).split("\n");
  return lines
    .filter(line => line.startsWith("# TYPE "))
    .map(line => {
      const [, , name = "", type = ""] = line.split(" ");
      const sample = new RegExp(`^${name}(?:_bucket|_sum|_count)?[{ ]`);
      return { name, type, samples: lines.filter(each => sample.test(each)).map(labelsOf) };
    });
}

function labelsOf(sample: string): Record<string, string> {
  const labels = sample.matchAll(/[{,](\w+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries(Array.from(labels, ([, name = "", value = ""]) => [name, value]));
}
