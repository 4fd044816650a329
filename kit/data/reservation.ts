import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Transitions } from "#kit/contract/transitions.ts";
import type { Tx } from "#kit/data/database.ts";
import { raw } from "#kit/data/sql.ts";
import { moveStateDeferred } from "#kit/data/state-machine.ts";

export type ReservationState = "RESERVED" | "CONFIRMED" | "RELEASED";

/** What a participant holds for a unit of work, one row per id, never deleted. */
interface Reservation {
  readonly id: string;
  readonly userId: bigint;
  readonly state: ReservationState;
  /** What is held, as the participant wrote it. */
  readonly content: string;
}

export const reservationTransitions: Transitions<ReservationState> = {
  RESERVED: ["CONFIRMED", "RELEASED"],
  CONFIRMED: [],
  RELEASED: [],
};

/** What a participant does when reservations end, in the same transaction. */
export interface ReservationHooks {
  onConfirm(tx: Tx, reservations: readonly Reservation[]): Promise<void>;
  onRelease(tx: Tx, reservations: readonly Reservation[]): Promise<void>;
}

type NewReservation = Omit<Reservation, "state">;

/**
 * Reserves once: `hold` runs in the transaction of the first call with this id. A repeat with the same content
 * changes nothing; another content, another user or a released id is refused. If `hold` throws, nothing is reserved.
 */
export async function reserve(
  tx: Tx,
  { id, userId, content }: NewReservation,
  hold: () => Promise<void>,
): Promise<void> {
  // Most are new, so both are sent together.
  await tx.deferred.execute("DO (SELECT 1 FROM reservation WHERE reservation_id = ? FOR UPDATE)", [id]);
  const [known] = await insertOrLock(tx, [{ id, userId, state: "RESERVED", content }]);
  if (known === undefined) {
    return hold();
  }
  if (known.state === "RELEASED") {
    throw new Failure(Reason.RESERVATION_RELEASED);
  }
  if (known.content !== content || known.userId !== userId) {
    throw new Failure(Reason.RESERVATION_MISMATCH);
  }
}

/** Confirms once. Refuses what was never reserved and what was released. */
export async function confirm(tx: Tx, id: string, hooks: ReservationHooks): Promise<void> {
  const known = await lock(tx, [id]);
  if (known.length === 0) {
    throw new Failure(Reason.NOT_FOUND);
  }
  await confirmLocked(tx, known, hooks);
}

/**
 * Confirms what events say was paid, each once. Where a reservation is unknown, as after this database was restored to
 * an earlier point, `hold` makes it from the event first.
 */
export async function confirmPaid<Paid extends NewReservation>(
  tx: Tx,
  paid: readonly Paid[],
  hold: (lost: Paid) => Promise<void>,
  hooks: ReservationHooks,
): Promise<void> {
  const ids = idsOf(paid);
  const known = await lock(tx, ids);
  const lost = without(known, paid);
  for (const each of lost) {
    await reserve(tx, each, () => hold(each));
  }
  await confirmLocked(tx, lost.length === 0 ? known : await lock(tx, ids), hooks);
}

async function confirmLocked(
  tx: Tx,
  known: readonly Reservation[],
  { onConfirm }: ReservationHooks,
): Promise<void> {
  if (known.some(({ state }) => state === "RELEASED")) {
    throw new Failure(Reason.RESERVATION_RELEASED);
  }
  await moveTo(tx, known, "CONFIRMED", onConfirm);
}

/**
 * Releases each once. An id that was never reserved is marked released, so that a late reserve is refused. Refuses what
 * was confirmed.
 */
export async function release(
  tx: Tx,
  released: readonly Pick<Reservation, "id" | "userId">[],
  { onRelease }: ReservationHooks,
): Promise<void> {
  const rows = released.map(({ id, userId }) => ({ id, userId, state: "RELEASED", content: "" }) as const);
  const known = await lockOrInsert(tx, rows);
  if (known.some(({ state }) => state === "CONFIRMED")) {
    throw new Failure(Reason.RESERVATION_CONFIRMED);
  }
  await moveTo(tx, known, "RELEASED", onRelease);
}

/** Moves those of the locked reservations that are still open, and does what follows. */
async function moveTo(
  tx: Tx,
  locked: readonly Reservation[],
  to: ReservationState,
  follow: (tx: Tx, moved: readonly Reservation[]) => Promise<void>,
): Promise<void> {
  const open = locked.filter(({ state }) => state === "RESERVED");
  if (open.length > 0) {
    await moveStateDeferred(tx, {
      table: "reservation",
      transitions: reservationTransitions,
      to,
      where: { sql: "reservation_id IN (?)", values: [idsOf(open)] },
      set: { updateTime: raw("NOW(6)") },
    });
    await follow(tx, open);
  }
}

/** Locks the rows that exist and returns them, and inserts the others. */
async function lockOrInsert(tx: Tx, rows: readonly Reservation[]): Promise<Reservation[]> {
  const known = await lock(tx, idsOf(rows));
  const added = without(known, rows);
  return added.length === 0 ? known : [...known, ...(await insertOrLock(tx, added))];
}

/**
 * Inserts rows after a lock on those that exist, and returns those. A repeat that waits for another call waits for that
 * lock: there a rollback of that call leaves it none, where here it would leave the gap before the next id, in which
 * every newer reservation is inserted. This locks as well, for two first calls at once: a duplicate key error would
 * leave a shared lock, and two repeats that then both lock for update deadlock.
 */
async function insertOrLock(tx: Tx, rows: readonly Reservation[]): Promise<Reservation[]> {
  const places = rows.map(() => "(?, ?, ?, ?)").join(", ");
  const stored = await tx.query<Reservation & { repeats: number }>(
    `INSERT INTO reservation (reservation_id, user_id, state, content) VALUES ${places}
      ON DUPLICATE KEY UPDATE repeats = repeats + 1 RETURNING ${columns}, repeats`,
    inOrder(rows).flatMap(({ id, userId, state, content }) => [id, userId, state, content]),
  );
  return stored.filter(({ repeats }) => repeats > 0);
}

const columns = "reservation_id AS id, user_id, state, content";

/** Locks the rows that exist, always in the same order, so that two batches cannot deadlock. */
async function lock(tx: Tx, ids: readonly string[]): Promise<Reservation[]> {
  if (ids.length === 0) {
    return [];
  }
  return tx.query<Reservation>(
    `SELECT ${columns} FROM reservation FORCE INDEX (PRIMARY)
      WHERE reservation_id IN (?) ORDER BY reservation_id FOR UPDATE`,
    [ids],
  );
}

function without<Row extends { readonly id: string }>(
  known: readonly Reservation[],
  rows: readonly Row[],
): Row[] {
  const ids = new Set(idsOf(known));
  return rows.filter(({ id }) => !ids.has(id));
}

/** The ids of reservations, in their order. */
export function idsOf(reservations: readonly { readonly id: string }[]): string[] {
  return reservations.map(({ id }) => id);
}

function inOrder<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}
