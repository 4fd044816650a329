import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Transitions } from "#kit/contract/transitions.ts";
import type { Tx } from "#kit/data/database.ts";
import { raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";

export type ReservationState = "RESERVED" | "CONFIRMED" | "RELEASED";

/** What a participant holds for a unit of work, one row per id, never deleted. */
export interface Reservation {
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

/** What a participant does when its reservation ends, in the same transaction. */
export interface ReservationHooks {
  onConfirm(tx: Tx, reservation: Reservation): Promise<void>;
  onRelease(tx: Tx, reservation: Reservation): Promise<void>;
}

/**
 * Reserves once: `hold` runs in the transaction of the first call with this id. A repeat with the same content
 * changes nothing; another content, another user or a released id is refused. If `hold` throws, nothing is reserved.
 */
export async function reserve(
  tx: Tx,
  { id, userId, content }: { id: string; userId: bigint; content: string },
  hold: () => Promise<void>,
): Promise<void> {
  const known = await insertOrLock(tx, { id, userId, state: "RESERVED", content });
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
  const known = await lock(tx, id);
  if (known === undefined) {
    throw new Failure(Reason.NOT_FOUND);
  }
  await confirmLocked(tx, known, hooks);
}

/**
 * Confirms once what an event says was paid. Where the reservation is unknown, as after this database was restored to
 * an earlier point, `hold` makes it from the event first.
 */
export async function confirmPaid(
  tx: Tx,
  reservation: { id: string; userId: bigint; content: string },
  hold: () => Promise<void>,
  hooks: ReservationHooks,
): Promise<void> {
  const known = await lock(tx, reservation.id);
  if (known !== undefined) {
    return confirmLocked(tx, known, hooks);
  }
  await reserve(tx, reservation, hold);
  await confirm(tx, reservation.id, hooks);
}

async function confirmLocked(tx: Tx, known: Reservation, { onConfirm }: ReservationHooks): Promise<void> {
  if (known.state === "RELEASED") {
    throw new Failure(Reason.RESERVATION_RELEASED);
  }
  if (known.state === "RESERVED") {
    await moveTo(tx, known.id, "CONFIRMED");
    await onConfirm(tx, known);
  }
}

/**
 * Releases once. An id that was never reserved is marked released, so that a late reserve is refused. Refuses what
 * was confirmed.
 */
export async function release(
  tx: Tx,
  { id, userId }: { id: string; userId: bigint },
  { onRelease }: ReservationHooks,
): Promise<void> {
  const known = await insertOrLock(tx, { id, userId, state: "RELEASED", content: "" });
  if (known?.state === "CONFIRMED") {
    throw new Failure(Reason.RESERVATION_CONFIRMED);
  }
  if (known?.state === "RESERVED") {
    await moveTo(tx, id, "RELEASED");
    await onRelease(tx, known);
  }
}

/**
 * Locks the row and returns it, or inserts it. A repeat that waits for another call waits in the first statement: there
 * a rollback of that call leaves it no lock, where in the second it would leave the gap before the next id, in which
 * every newer reservation is inserted. The second locks as well, for two first calls at once: a duplicate key error
 * would leave a shared lock, and two repeats that then both lock for update deadlock.
 */
async function insertOrLock(
  tx: Tx,
  { id, userId, state, content }: Reservation,
): Promise<Reservation | undefined> {
  const known = await lock(tx, id);
  if (known !== undefined) {
    return known;
  }
  const { affectedRows } = await tx.execute(
    `INSERT INTO reservation (reservation_id, user_id, state, content) VALUES (?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE repeats = repeats + 1`,
    [id, userId, state, content],
  );
  // A row that was updated counts twice.
  return affectedRows === 1 ? undefined : lock(tx, id);
}

async function lock(tx: Tx, id: string): Promise<Reservation | undefined> {
  const [row] = await tx.query<Reservation>(
    "SELECT reservation_id AS id, user_id, state, content FROM reservation WHERE reservation_id = ? FOR UPDATE",
    [id],
  );
  return row;
}

async function moveTo(tx: Tx, id: string, to: ReservationState): Promise<void> {
  await moveState(tx, {
    table: "reservation",
    transitions: reservationTransitions,
    to,
    where: { sql: "reservation_id = ?", values: [id] },
    set: { updateTime: raw("NOW(6)") },
  });
}
