import { violatedKey } from "#kit/data/database.ts";
import { claimTask, startTask, type Task } from "#kit/data/tasks.ts";
import type { App } from "../app.ts";
import { chargeTask } from "../db/charges.ts";
import { type ComparedCharge, findCompared, listApproved } from "../db/compared-days.ts";
import { recordDiscrepancy } from "../db/discrepancies.ts";
import type { DiscrepancyKind } from "../domain/charge-rules.ts";
import { boundsOf } from "../domain/compared-days.ts";
import type { Psp, PspTransaction } from "../psp/psp.ts";
import { startReconciliation } from "../reconcile-charge.ts";

const rowsAtOnce = 200;

/**
 * Compares one Korean day with the PSP's transactions and records what differs. Returns the number of transactions.
 * Throws where a charge is unclear, after all others were compared; the day is then compared again later.
 */
export async function compareDay(
  app: App,
  { psp, day, signal }: { psp: Psp; day: string; signal: AbortSignal },
): Promise<number> {
  const comparison: Comparison = { app, psp, day, signal, paid: new Set(), unclear: new Set() };
  let transactions = 0;
  for await (const rows of inGroups(psp.listTransactions(day, signal), rowsAtOnce)) {
    transactions += rows.length;
    await compareTransactions(comparison, rows);
  }
  await compareCredits(comparison);
  const { unclear } = comparison;
  if (unclear.size > 0) {
    throw new Error(`${unclear.size} charges of ${day} are unclear: ${[...unclear].slice(0, 10).join(", ")}`);
  }
  return transactions;
}

interface Comparison {
  readonly app: App;
  readonly psp: Psp;
  readonly day: string;
  readonly signal: AbortSignal;
  /** Charges in the PSP's list. */
  readonly paid: Set<string>;
  /** Charges that another worker is reconciling, or whose state the PSP cannot tell. */
  readonly unclear: Set<string>;
}

async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) {
    yield group;
  }
}

/** Every capture must be credited, with its amount and payment key; every cancel is checked. */
async function compareTransactions(comparison: Comparison, rows: readonly PspTransaction[]): Promise<void> {
  const charges = await findCompared(
    comparison.app.database,
    rows.map(({ chargeId }) => chargeId),
  );
  for (const row of rows) {
    comparison.signal.throwIfAborted();
    comparison.paid.add(row.chargeId);
    const ours = charges.find(({ chargeId }) => chargeId === row.chargeId);
    if (ours === undefined) {
      await compareUnknown(comparison, row);
    } else if (row.kind === "cancel" || !isCredited(ours, row)) {
      await compareAgain(comparison, row);
    }
  }
}

function isCredited(ours: ComparedCharge, capture: PspTransaction): boolean {
  return (
    ours.state === "CHARGED" &&
    ours.amountPoints === capture.amountPoints &&
    ours.paymentKey === capture.paymentKey
  );
}

async function compareUnknown(comparison: Comparison, row: PspTransaction): Promise<void> {
  if (row.kind === "capture") {
    await record(comparison, "MISSING_CREDIT", row, { ours: 0n, psps: row.amountPoints });
  }
}

/**
 * Reconciles the charge, which credits it or records the discrepancy; records what is still not credited after that.
 */
async function compareAgain(comparison: Comparison, row: PspTransaction): Promise<void> {
  const reconciled = await reconcile(comparison, row.chargeId);
  const [ours] = await findCompared(comparison.app.database, [row.chargeId]);
  if (!reconciled || row.kind === "cancel" || ours === undefined || isCredited(ours, row)) {
    return;
  }
  const answer = await find(comparison, row.chargeId);
  if (answer === undefined) {
    return;
  }
  const isGivenBack = answer.outcome === "reversed" && answer.payment.balancePoints === 0n;
  if (!isGivenBack || ours.state === "CHARGED") {
    const kind = ours.amountPoints === row.amountPoints ? "MISSING_CREDIT" : "AMOUNT";
    const credited = ours.state === "CHARGED" ? ours.amountPoints : 0n;
    await record(comparison, kind, row, { ours: credited, psps: row.amountPoints });
  }
}

/** Every credit must have been paid. Near midnight its payment may be in the list of another day. */
async function compareCredits(comparison: Comparison): Promise<void> {
  const { app, psp, day, paid, signal } = comparison;
  const approved = { provider: psp.name, ...boundsOf(day) };
  let after: readonly string[] | undefined;
  do {
    const page = await listApproved(app.database, approved, { after, limit: rowsAtOnce });
    for (const ours of page.rows.filter(({ chargeId }) => !paid.has(chargeId))) {
      signal.throwIfAborted();
      const answer = await find(comparison, ours.chargeId);
      if (answer?.outcome === "notYet" || answer?.outcome === "declined") {
        await record(comparison, "MISSING_PAYMENT", ours, { ours: ours.amountPoints, psps: 0n });
      }
    }
    after = page.nextAfter;
  } while (after !== undefined);
}

async function reconcile({ app, unclear }: Comparison, chargeId: string): Promise<boolean> {
  const task = await claimCharge(app, chargeId);
  if (task === undefined) {
    unclear.add(chargeId);
    return false;
  }
  await startReconciliation(app, task, "find");
  return true;
}

/**
 * Claims a charge even if its task is not due or does not exist. Returns undefined where another worker has claimed
 * it.
 */
async function claimCharge({ database, instance, config }: App, chargeId: string): Promise<Task | undefined> {
  const options = { instance, claimMs: config.reconcile.claimMs };
  const claimed = await claimTask(database, chargeTask, chargeId, options);
  if (claimed !== undefined) {
    return claimed;
  }
  return database
    .transaction(tx => startTask(tx, chargeTask, chargeId, options))
    .catch((error: unknown) => {
      if (violatedKey(error) === "PRIMARY") {
        return undefined;
      }
      throw error;
    });
}

async function find({ psp, unclear, signal }: Comparison, chargeId: string) {
  const answer = await psp.find(chargeId, signal);
  if (answer.outcome === "unknown") {
    unclear.add(chargeId);
    return undefined;
  }
  return answer;
}

async function record(
  { app }: Comparison,
  kind: DiscrepancyKind,
  { chargeId }: { chargeId: string },
  { ours, psps }: { ours: bigint; psps: bigint },
): Promise<void> {
  app.log.error(
    { chargeId, kind, ours: `${ours}`, psp: `${psps}` },
    "charge differs from the records of the PSP",
  );
  await recordDiscrepancy(app.database, { kind, chargeId, ourAmountPoints: ours, pspAmountPoints: psps });
}
