import type { SqlValue, Tx } from "#kit/data/database.ts";
import { insertNew, putAll, toSnakeCase } from "#kit/data/sql.ts";

type Columns = Readonly<Record<string, SqlValue>>;

/** The state of something that belongs to another service, as an event carried it. */
interface CarriedState {
  readonly key: Columns;
  /** Increases with every change. */
  readonly version: bigint;
  readonly state: Columns;
}

/** A carried state that was stored, with the state that it replaced; undefined for none. */
type Stored<Carried extends CarriedState> = Carried & { readonly previous: Carried["state"] | undefined };

/**
 * Which stored versions a carried state replaces. An event replaces older ones alone; a command that corrects what is
 * stored replaces one that is as new, and any where the source itself was restored to an earlier point.
 */
export type Replaces = "older" | "as new" | "any";

/**
 * Stores states unless the same or a newer version is stored, and locks their rows until the transaction ends; of
 * several versions of one thing, the newest. `table` has the columns of the keys as its primary key, those of the
 * states, and `version`. Returns those that were stored. A sum to which the differences to what they replaced are added
 * is the same after events in any order, however often each arrives.
 */
export async function storeStates<Carried extends CarriedState>(
  tx: Tx,
  table: string,
  carried: readonly Carried[],
  replaces: Replaces = "older",
): Promise<Stored<Carried>[]> {
  const newest = newestOf(carried);
  const known = await lock(tx, table, newest);
  const unknown = newest.filter(each => !known.has(keyOf(each)));
  const added = new Set(await add(tx, table, unknown));
  // What another delivery has stored since it was found to be unknown.
  const raced = unknown.filter(each => !added.has(keyOf(each)));
  for (const [key, row] of await lock(tx, table, raced)) {
    known.set(key, row);
  }
  const stored = newest.flatMap(each => {
    const previous = known.get(keyOf(each));
    return previous === undefined || mayReplace(previous.version, each.version, replaces)
      ? [{ ...each, previous }]
      : [];
  });
  const replaced = stored.filter(({ previous }) => previous !== undefined);
  await putAll(tx, table, replaced.map(rowOf), Object.keys(replaced[0]?.key ?? {}));
  return stored;
}

function mayReplace(stored: bigint, version: bigint, replaces: Replaces): boolean {
  return replaces === "any" || stored < version || (replaces === "as new" && stored === version);
}

/** The newest state of each thing, always in the same order, so that two batches cannot deadlock. */
function newestOf<Carried extends CarriedState>(carried: readonly Carried[]): Carried[] {
  const newest = new Map<string, Carried>();
  for (const each of carried) {
    const other = newest.get(keyOf(each));
    if (other === undefined || other.version < each.version) {
      newest.set(keyOf(each), each);
    }
  }
  return [...newest].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}

function keyOf({ key }: { readonly key: Columns }): string {
  return Object.values(key).join(" ");
}

function rowOf({ key, state, version }: CarriedState): Columns {
  return { ...key, ...state, version };
}

/** Locks the rows of states. Returns those that exist, by their keys. */
async function lock<Carried extends CarriedState>(
  tx: Tx,
  table: string,
  carried: readonly Carried[],
): Promise<Map<string, Carried["state"] & { readonly version: bigint }>> {
  const names = Object.keys(carried[0]?.key ?? {});
  if (names.length === 0) {
    return new Map();
  }
  const isOne = `(${names.map(name => `${toSnakeCase(name)} = ?`).join(" AND ")})`;
  const rows = await tx.query<Columns & Carried["state"] & { readonly version: bigint }>(
    `SELECT * FROM ${table} FORCE INDEX (PRIMARY) WHERE ${carried.map(() => isOne).join(" OR ")} FOR UPDATE`,
    carried.flatMap(({ key }) => Object.values(key)),
  );
  return new Map(rows.map(row => [keyOf({ key: pick(row, names) }), row]));
}

/** Adds states of things that were not stored. Returns the keys of those that were added. */
async function add(tx: Tx, table: string, carried: readonly CarriedState[]): Promise<string[]> {
  const names = Object.keys(carried[0]?.key ?? {});
  const rows = await insertNew<Columns>(tx, table, carried.map(rowOf), names);
  return rows.map(row => keyOf({ key: pick(row, names) }));
}

function pick(row: Columns, names: readonly string[]): Columns {
  return Object.fromEntries(names.map(name => [name, row[name] ?? null]));
}
