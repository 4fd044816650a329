import { Gauge } from "prom-client";
import type { App } from "../app.ts";
import { readMeasures } from "../db/measures.ts";

/** Measures how many purchases are pending, and for how long. */
export function measurePurchases({ database, metrics }: Dependencies): () => Promise<boolean> {
  const registers = [metrics.registry];
  const pending = new Gauge({
    name: "pay_purchases_pending",
    help: "Purchases whose outcome is not known yet.",
    registers,
  });
  const oldest = new Gauge({
    name: "pay_purchase_oldest_pending_age_seconds",
    help: "Time since the oldest pending purchase was made; 0 while there is none.",
    registers,
  });
  return async () => {
    const measures = await readMeasures(database);
    pending.set(Number(measures.pending));
    oldest.set(measures.oldestSeconds);
    return false;
  };
}

type Dependencies = Pick<App, "database" | "metrics">;
