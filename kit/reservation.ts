import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { type Tx, violatedKey } from "#kit/database.ts";
import { Failure } from "#kit/failure.ts";

/** What a participant holds for somebody's work, one row per id, kept for ever. RELEASED is final. */
export interface Reservation {
  readonly id: string;
  readonly userId: bigint;
  readonly state: "RESERVED" | "CONFIRMED" | "RELEASED";
  /** What is held, as the participant wrote it. */
  readonly content: string;
}

interface Row {
  id: string;
  user_id: bigint;
  state: Reservation["state"];
  content: string;
}

/**
 * Reserves once: `hold` runs in the transaction of the first call with this id. A repeat with the same content changes nothing; another
 * content, another user or a released id is refused. If `hold` throws, nothing is reserved.
 */
export async function reserveOnce(
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

/** Confirms once: `settle` runs in the transaction of the first call. Refuses what was never reserved and what was released. */
export async function confirmOnce(
  tx: Tx,
  id: string,
  settle: (reservation: Reservation) => Promise<void>,
): Promise<void> {
  const known = await lock(tx, id);
  if (known === undefined) {
    throw new Failure(Reason.NOT_FOUND);
  }
  if (known.state === "RELEASED") {
    throw new Failure(Reason.RESERVATION_RELEASED);
  }
  if (known.state === "RESERVED") {
    await setState(tx, id, "CONFIRMED");
    await settle(known);
  }
}

/**
 * Releases once: `giveBack` runs where something was held. An id that was never reserved is marked released, so that a reserve that comes
 * late is refused. Refuses what was confirmed.
 */
export async function releaseOnce(
  tx: Tx,
  { id, userId }: { id: string; userId: bigint },
  giveBack: (reservation: Reservation) => Promise<void>,
): Promise<void> {
  const known = await insertOrLock(tx, { id, userId, state: "RELEASED", content: "" });
  if (known?.state === "CONFIRMED") {
    throw new Failure(Reason.RESERVATION_CONFIRMED);
  }
  if (known?.state === "RESERVED") {
    await setState(tx, id, "RELEASED");
    await giveBack(known);
  }
}

async function insertOrLock(
  tx: Tx,
  { id, userId, state, content }: Reservation,
): Promise<Reservation | undefined> {
  try {
    await tx.execute(
      "INSERT INTO reservation (reservation_id, user_id, state, content) VALUES (?, ?, ?, ?)",
      [id, userId, state, content],
    );
    return undefined;
  } catch (error) {
    if (violatedKey(error) !== "PRIMARY") {
      throw error;
    }
    return lock(tx, id);
  }
}

async function lock(tx: Tx, id: string): Promise<Reservation | undefined> {
  const [row] = await tx.query<Row>(
    "SELECT reservation_id AS id, user_id, state, content FROM reservation WHERE reservation_id = ? FOR UPDATE",
    [id],
  );
  return row && { id: row.id, userId: row.user_id, state: row.state, content: row.content };
}

async function setState(tx: Tx, id: string, state: Reservation["state"]): Promise<void> {
  await tx.execute("UPDATE reservation SET state = ?, update_time = NOW(6) WHERE reservation_id = ?", [
    state,
    id,
  ]);
}
