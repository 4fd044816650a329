import type { IContainer } from "kubernetes-models/v1/Container";

/** What `npm run bench -- purchase --rows` measured of a service, as a process of its own. */
interface Usage {
  /** Thousandths of a core without calls. */
  readonly idleMillicores: number;
  /** Milliseconds of CPU of one purchase, its events included. */
  readonly purchaseMs: number;
  /** The most memory it had, in MB. */
  readonly peakMegabytes: number;
}

/** Measured 2026-11-28 on two quiet cores; docs/scaling.md has the same table, and the arithmetic. */
export const usageOf: Readonly<Record<string, Usage>> = {
  user: { idleMillicores: 6, purchaseMs: 6.3, peakMegabytes: 247 },
  creator: { idleMillicores: 6, purchaseMs: 2.6, peakMegabytes: 181 },
  question: { idleMillicores: 6, purchaseMs: 5.3, peakMegabytes: 225 },
  point: { idleMillicores: 7, purchaseMs: 4.3, peakMegabytes: 205 },
  coupon: { idleMillicores: 5, purchaseMs: 2, peakMegabytes: 169 },
  pay: { idleMillicores: 10, purchaseMs: 8.9, peakMegabytes: 307 },
  cart: { idleMillicores: 5, purchaseMs: 2.4, peakMegabytes: 171 },
  review: { idleMillicores: 6, purchaseMs: 0, peakMegabytes: 151 },
  subscribe: { idleMillicores: 6, purchaseMs: 0, peakMegabytes: 154 },
  post: { idleMillicores: 6, purchaseMs: 0, peakMegabytes: 164 },
};

/** What one replica is made for, at the utilization at which the autoscaler adds another. */
const replicaPurchasesPerSecond = 25;
export const targetUtilization = 0.7;

// Reads that belong to no purchase, of which a service that purchases do not touch would have nothing otherwise.
const minMillicores = 50;
// Above what was seen: a heap that was measured for a minute is not one of a month.
const memoryReserve = 1.25;
const limitFactor = 2;

/** What a service is given. No limit of CPU: a limit throttles even where cores are idle. */
export function resourcesOf(service: string): NonNullable<IContainer["resources"]> {
  const usage = usageOf[service];
  if (usage === undefined) {
    throw new Error(`nothing was measured of ${service}; add it to k8s/objects/resources.ts`);
  }
  const { idleMillicores, purchaseMs, peakMegabytes } = usage;
  const busy = (idleMillicores + purchaseMs * replicaPurchasesPerSecond) / targetUtilization;
  const cpu = roundUp(Math.max(busy, minMillicores), 10);
  const memory = roundUp((peakMegabytes * 1e6 * memoryReserve) / 2 ** 20, 16);
  return {
    requests: { cpu: `${cpu}m`, memory: `${memory}Mi` },
    limits: { memory: `${memory * limitFactor}Mi` },
  };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
