import { Gauge } from "prom-client";
import type { App } from "../app.ts";
import { readMeasures } from "../db/measures.ts";

/**
 * Measures what the Korean law on prepaid instruments and the operators require: points outstanding, points issued,
 * open charges and discrepancies.
 */
export function measurePoints({ database, metrics }: Dependencies): () => Promise<boolean> {
  const registers = [metrics.registry];
  const outstanding = new Gauge({
    name: "point_outstanding_points",
    help: "Points that users have, by account.",
    labelNames: ["account"],
    registers,
  });
  const issued = new Gauge({
    name: "point_issued_year_points",
    help: "Points issued within the last year, paid for or given.",
    labelNames: ["source"],
    registers,
  });
  const charges = new Gauge({
    name: "point_charges_open",
    help: "Charges that wait for the buyer or for the PSP.",
    labelNames: ["state"],
    registers,
  });
  const oldest = new Gauge({
    name: "point_charge_oldest_age_seconds",
    help: "Time since the oldest charge in a state was created; 0 while there is none.",
    labelNames: ["state"],
    registers,
  });
  const discrepancies = new Gauge({
    name: "point_discrepancies_open",
    help: "Open differences between our ledger and the records of the PSP.",
    registers,
  });
  return async () => {
    const measures = await readMeasures(database);
    if (measures !== undefined) {
      outstanding.set({ account: "paid" }, Number(measures.outstanding.paidPoints));
      outstanding.set({ account: "bonus" }, Number(measures.outstanding.bonusPoints));
      outstanding.set({ account: "held" }, Number(measures.outstanding.heldPoints));
      issued.set({ source: "paid" }, Number(measures.chargedPoints));
      issued.set({ source: "given" }, Number(measures.givenPoints));
      charges.set({ state: "ordered" }, Number(measures.ordered));
      charges.set({ state: "confirming" }, Number(measures.confirming));
      oldest.set({ state: "ordered" }, Number(measures.oldestOrdered ?? 0) / 1e6);
      oldest.set({ state: "confirming" }, Number(measures.oldestConfirming ?? 0) / 1e6);
      discrepancies.set(Number(measures.openDiscrepancies));
    }
    return false;
  };
}

type Dependencies = Pick<App, "database" | "metrics">;
