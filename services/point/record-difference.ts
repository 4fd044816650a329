import type { Queryable } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { type FoundDiscrepancy, recordDiscrepancy } from "./db/discrepancies.ts";

/** Records a difference from the records of the PSP, for operators. */
export async function recordDifference(
  { log }: Pick<App, "log">,
  on: Queryable,
  found: FoundDiscrepancy,
): Promise<void> {
  const { chargeId, kind, ourAmountPoints, pspAmountPoints } = found;
  log.error(
    { chargeId, kind, ours: `${ourAmountPoints}`, psp: `${pspAmountPoints}` },
    "charge differs from the records of the PSP",
  );
  await recordDiscrepancy(on, found);
}
