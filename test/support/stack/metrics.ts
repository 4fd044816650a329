import type { Replica } from "./replica.ts";

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
    .filter(line => line.startsWith(`${name}{`) && wanted.every(label => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
