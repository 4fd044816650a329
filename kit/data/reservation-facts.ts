import type { Database } from "#kit/data/database.ts";
import { type Invariant, readPages, stateInvariant } from "#kit/data/invariants.ts";
import { type ReservationState, reservationTransitions } from "#kit/data/reservation.ts";

/** What always holds over the reservations of a participant. */
export const reservationStates: Invariant = stateInvariant({
  table: "reservation",
  id: "reservation_id",
  transitions: reservationTransitions,
  setIn: {},
});

/** The reservations with the given ids, each with its state. */
export async function readReservationStates(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReservationState>> {
  const rows = await database.query<{ id: string; state: ReservationState }>(
    "SELECT reservation_id AS id, state FROM reservation WHERE reservation_id IN (?)",
    [ids],
  );
  return new Map(rows.map(({ id, state }) => [id, state]));
}

/** The ids of all reservations that hold something or held it to the end, in pages. */
export async function* readUnreleasedIds(database: Database): AsyncIterable<string[]> {
  const pages = readPages<{ reservationId: string }>(database, {
    columns: "reservation_id",
    table: "reservation",
    index: "PRIMARY",
    where: "state <> 'RELEASED'",
    keyset: [{ column: "reservation_id", direction: "ASC" }],
  });
  for await (const page of pages) {
    yield page.map(({ reservationId }) => reservationId);
  }
}
