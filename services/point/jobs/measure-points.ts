import { Gauge } from "prom-client";
import type { Floor } from "#kit/floor.ts";
import { sumYearIssue } from "../store/charge-outcomes.ts";
import { countOpenCharges } from "../store/charges.ts";
import { countOpenDiscrepancies } from "../store/discrepancies.ts";
import { sumBalances } from "../store/wallets.ts";

/** Measures what the law on prepaid instruments and operators ask for: points outstanding, points issued, open charges and discrepancies. */
export function createPointMeasures({ database, metrics }: Dependencies): () => Promise<boolean> {
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
    help: "Charges that wait for the buyer or for the payment gateway.",
    labelNames: ["state"],
    registers,
  });
  const discrepancies = new Gauge({
    name: "point_discrepancies_open",
    help: "Differences between our books and those of the payment gateway that nobody closed.",
    registers,
  });
  return async () => {
    const balances = await sumBalances(database);
    outstanding.set({ account: "paid" }, Number(balances.paidPoints));
    outstanding.set({ account: "bonus" }, Number(balances.bonusPoints));
    outstanding.set({ account: "held" }, Number(balances.heldPoints));
    const issue = await sumYearIssue(database);
    issued.set({ source: "paid" }, Number(issue.paidPoints));
    issued.set({ source: "given" }, Number(issue.givenPoints));
    const open = await countOpenCharges(database);
    charges.set({ state: "ordered" }, open.ordered);
    charges.set({ state: "confirming" }, open.confirming);
    discrepancies.set(await countOpenDiscrepancies(database));
    return false;
  };
}

type Dependencies = Pick<Floor, "database" | "metrics">;
