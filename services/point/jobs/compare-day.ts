import type { App } from "../app.ts";
import { claimCharge } from "../claim-charge.ts";
import { type ComparedCharge, findCompared, listApproved } from "../db/compared-days.ts";
import type { DiscrepancyKind } from "../domain/charge-rules.ts";
import { boundsOf } from "../domain/korean-time.ts";
import type { Psp, PspTransaction, PspUnreadable } from "../psp/psp.ts";
import { startReconciliation } from "../reconcile-charge.ts";
import { recordDifference } from "../record-difference.ts";

const rowsAtOnce = 200;

/**
 * Compares one Korean day with the PSP's transactions and records what differs. Returns the number of transactions.
 * Throws where a charge is unclear, after all others were compared, so that the day is compared again later; the last
 * attempt records it instead.
 */
export async function compareDay(app: App, day: DayToCompare): Promise<number> {
  const comparison: Comparison = { ...day, app, paid: new Set(), unclear: new Set() };
  let transactions = 0;
  for await (const rows of inGroups(day.psp.listTransactions(day.day, day.signal), rowsAtOnce)) {
    transactions += rows.length;
    await compareTransactions(comparison, rows);
  }
  await compareCredits(comparison);
  const { unclear } = comparison;
  if (unclear.size > 0 && !day.isLastAttempt) {
    throw new Error(`${unclear.size} charges are unclear: ${[...unclear].slice(0, 10).join(", ")}`);
  }
  return transactions;
}

interface DayToCompare {
  readonly psp: Psp;
  /** `YYYY-MM-DD`, Korean. */
  readonly day: string;
  /** True where what is unclear is recorded. */
  readonly isLastAttempt: boolean;
  readonly signal: AbortSignal;
}

interface Comparison extends DayToCompare {
  readonly app: App;
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
async function compareTransactions(
  comparison: Comparison,
  rows: readonly (PspTransaction | PspUnreadable)[],
): Promise<void> {
  const readable = rows.filter(row => row.kind !== "unreadable");
  const charges = await findCompared(
    comparison.app.database,
    readable.map(({ chargeId }) => chargeId),
  );
  for (const row of rows) {
    comparison.signal.throwIfAborted();
    if (row.kind === "unreadable") {
      await recordUnreadable(comparison, row);
      continue;
    }
    comparison.paid.add(row.chargeId);
    const ours = charges.find(({ chargeId }) => chargeId === row.chargeId);
    if (ours === undefined) {
      await compareUnknown(comparison, row);
    } else if (row.kind === "cancel" || !isCredited(ours, row)) {
      await compareAgain(comparison, row);
    }
  }
}

async function recordUnreadable(comparison: Comparison, { reference, detail }: PspUnreadable): Promise<void> {
  comparison.app.log.warn({ chargeId: reference, detail }, "transaction not understood");
  await record(comparison, "UNREADABLE", reference, { ours: 0n, psps: 0n });
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
    await record(comparison, "MISSING_CREDIT", row.chargeId, { ours: 0n, psps: row.amountPoints });
  }
}

/**
 * Reconciles the charge, which credits it or records the discrepancy; records what is still not credited after that.
 */
async function compareAgain(comparison: Comparison, row: PspTransaction): Promise<void> {
  if (!(await reconcile(comparison, row.chargeId)) && !comparison.isLastAttempt) {
    return;
  }
  const [ours] = await findCompared(comparison.app.database, [row.chargeId]);
  if (ours === undefined || (row.kind === "capture" && isCredited(ours, row))) {
    return;
  }
  const answer = await find(comparison, row.chargeId);
  const credited = ours.state === "CHARGED" ? ours.amountPoints : 0n;
  if (row.kind === "cancel") {
    if (answer === undefined && comparison.isLastAttempt) {
      const left = credited > row.amountPoints ? credited - row.amountPoints : 0n;
      await record(comparison, "CANCELLED_AT_PSP", row.chargeId, { ours: credited, psps: left });
    }
    return;
  }
  const isGivenBack = answer?.outcome === "reversed" && answer.payment.balancePoints === 0n;
  const isUnclear = answer === undefined && !comparison.isLastAttempt;
  if (!isUnclear && (!isGivenBack || ours.state === "CHARGED")) {
    const kind = ours.amountPoints === row.amountPoints ? "MISSING_CREDIT" : "AMOUNT";
    await record(comparison, kind, row.chargeId, { ours: credited, psps: row.amountPoints });
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
      const isUnpaid = answer?.outcome === "notYet" || answer?.outcome === "declined";
      if (isUnpaid || (answer === undefined && comparison.isLastAttempt)) {
        await record(comparison, "MISSING_PAYMENT", ours.chargeId, { ours: ours.amountPoints, psps: 0n });
      }
    }
    after = page.nextAfter;
  } while (after !== undefined);
}

/** Returns false where another worker is reconciling the charge. */
async function reconcile({ app, unclear, signal }: Comparison, chargeId: string): Promise<boolean> {
  const task = await claimCharge(app, chargeId);
  if (task === undefined) {
    unclear.add(chargeId);
    return false;
  }
  await startReconciliation(app, task, { signal });
  return true;
}

/** Undefined where the PSP cannot tell. */
async function find({ psp, unclear, signal }: Comparison, chargeId: string) {
  const answer = await psp.find(chargeId, signal);
  signal.throwIfAborted();
  if (answer.outcome === "unknown") {
    unclear.add(chargeId);
    return undefined;
  }
  return answer;
}

function record(
  { app }: Comparison,
  kind: DiscrepancyKind,
  chargeId: string,
  { ours, psps }: { ours: bigint; psps: bigint },
): Promise<void> {
  const found = { kind, chargeId, ourAmountPoints: ours, pspAmountPoints: psps };
  return recordDifference(app, app.database, found);
}
