import type { Floor } from "#kit/floor.ts";
import type { RunWithLease } from "#kit/lease.ts";
import type { DiscrepancyKind } from "../charge-rules.ts";
import { boundsOf, nextDay } from "../compared-days.ts";
import type { Pg, PgTransaction } from "../pg/pg.ts";
import type { Pursuits } from "../pursuits.ts";
import { claimCharge } from "../store/charge-claims.ts";
import {
  type BookedCharge,
  findBooked,
  findDayFacts,
  listBooked,
  markCompared,
} from "../store/compared-days.ts";
import { recordDiscrepancy } from "../store/discrepancies.ts";

/** Compares the oldest finished day that nobody has compared. Returns true where there may be more. */
export function createDayComparison(parts: DayComparisonParts): () => Promise<boolean> {
  const { database, runWithLease, leaseMs, delayMs, daysMax } = parts;
  return async () => {
    const facts = await findDayFacts(database);
    const day = facts && nextDay({ ...facts, delayMs, daysMax });
    if (day === undefined) {
      return false;
    }
    const done = await runWithLease("point-compare-day", leaseMs, async () => {
      const transactions = await compareDay(parts, day);
      await markCompared(database, day, transactions);
      return true;
    });
    return done ?? false;
  };
}

export interface DayComparisonParts extends ComparisonParts {
  readonly runWithLease: RunWithLease;
  readonly leaseMs: number;
  /** Milliseconds that a day must be over. */
  readonly delayMs: number;
  readonly daysMax: number;
}

export interface ComparisonParts extends Pick<Floor, "database" | "log"> {
  readonly pg: Pg;
  readonly pursuits: Pursuits;
}

const rowsAtOnce = 200;

/**
 * Compares one Korean day with the gateway's list and records what differs. Returns how many transactions there were. Throws where something
 * could not be told, after everything else was compared; the day is then compared again later.
 */
export async function compareDay(parts: ComparisonParts, day: string): Promise<number> {
  const paid = new Set<string>();
  const unclear = new Set<string>();
  const comparison = { ...parts, unclear };
  let transactions = 0;
  for await (const rows of inGroups(parts.pg.listTransactions(day), rowsAtOnce)) {
    transactions += rows.length;
    await compareTransactions(comparison, rows);
    for (const { chargeId } of rows) {
      paid.add(chargeId);
    }
  }
  await compareCredits(comparison, day, paid);
  if (unclear.size > 0) {
    throw new Error(`${unclear.size} charges of ${day} are unclear: ${[...unclear].slice(0, 10).join(", ")}`);
  }
  return transactions;
}

interface Comparison extends ComparisonParts {
  /** Charges that somebody else is asking about, or the gateway cannot tell about. */
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

/** Every capture must be credited, with its amount and payment key; every cancel is looked into. */
async function compareTransactions(parts: Comparison, rows: readonly PgTransaction[]): Promise<void> {
  const booked = await findBooked(
    parts.database,
    rows.map(({ chargeId }) => chargeId),
  );
  for (const row of rows) {
    const ours = booked.find(({ chargeId }) => chargeId === row.chargeId);
    if (ours === undefined) {
      await compareUnknown(parts, row);
    } else if (row.kind === "cancel" || !isCredited(ours, row)) {
      await compareAgain(parts, row);
    }
  }
}

function isCredited(ours: BookedCharge, capture: PgTransaction): boolean {
  return (
    ours.state === "CHARGED" &&
    ours.amountPoints === capture.amountPoints &&
    ours.paymentKey === capture.paymentKey
  );
}

async function compareUnknown(parts: ComparisonParts, row: PgTransaction): Promise<void> {
  if (row.kind === "capture") {
    await record(parts, "MISSING_CREDIT", row, { ours: 0n, gateway: row.amountPoints });
  }
}

/** A pursuit credits what it can and records what it finds; what is open then is for people to see. */
async function compareAgain(parts: Comparison, row: PgTransaction): Promise<void> {
  const pursued = await pursue(parts, row.chargeId);
  const [ours] = await findBooked(parts.database, [row.chargeId]);
  if (!pursued || row.kind === "cancel" || ours === undefined || isCredited(ours, row)) {
    return;
  }
  const answer = await find(parts, row.chargeId);
  if (answer === undefined) {
    return;
  }
  const isGivenBack = answer.outcome === "reversed" && answer.payment.balancePoints === 0n;
  if (!isGivenBack || ours.state === "CHARGED") {
    const kind = ours.amountPoints === row.amountPoints ? "MISSING_CREDIT" : "AMOUNT";
    const credited = ours.state === "CHARGED" ? ours.amountPoints : 0n;
    await record(parts, kind, row, { ours: credited, gateway: row.amountPoints });
  }
}

/** Every credit must have been paid. Near midnight its payment may stand in the list of another day. */
async function compareCredits(parts: Comparison, day: string, paid: ReadonlySet<string>): Promise<void> {
  const { database } = parts;
  for (let afterId = "", more = true; more; ) {
    const booked = await listBooked(database, boundsOf(day), afterId, rowsAtOnce);
    for (const ours of booked.filter(({ chargeId }) => !paid.has(chargeId))) {
      const answer = await find(parts, ours.chargeId);
      if (answer?.outcome === "notYet" || answer?.outcome === "declined") {
        await record(parts, "MISSING_PAYMENT", ours, { ours: ours.amountPoints, gateway: 0n });
      }
    }
    afterId = booked.at(-1)?.chargeId ?? "";
    more = booked.length === rowsAtOnce;
  }
}

async function pursue({ database, pursuits, unclear }: Comparison, chargeId: string): Promise<boolean> {
  const claim = pursuits.claim();
  if (await claimCharge(database, chargeId, claim)) {
    await pursuits.begin(chargeId, claim, "find");
    return true;
  }
  unclear.add(chargeId);
  return false;
}

async function find({ pg, unclear }: Comparison, chargeId: string) {
  const answer = await pg.find(chargeId);
  if (answer.outcome === "unknown") {
    unclear.add(chargeId);
    return undefined;
  }
  return answer;
}

async function record(
  { database, log }: ComparisonParts,
  kind: DiscrepancyKind,
  { chargeId }: { chargeId: string },
  { ours, gateway }: { ours: bigint; gateway: bigint },
): Promise<void> {
  log.error(
    { chargeId, kind, ours: `${ours}`, gateway: `${gateway}` },
    "our books and those of the gateway differ",
  );
  await recordDiscrepancy(database, {
    kind,
    chargeId,
    ourAmountPoints: ours,
    gatewayAmountPoints: gateway,
  });
}
