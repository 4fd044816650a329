import { type SqlValue, type Tx, violatedKey } from "#kit/data/database.ts";
import { insert, toSnakeCase, update } from "#kit/data/sql.ts";

type Columns = Readonly<Record<string, SqlValue>>;

/** The state of something that belongs to another service, as an event carried it. */
interface CarriedState<State> {
  /** A table with the columns of `key` as its primary key, those of `state`, and `version`. */
  readonly table: string;
  readonly key: Columns;
  /** Increases with every change. */
  readonly version: bigint;
  readonly state: State;
}

/**
 * Which stored versions a carried state replaces. An event replaces older ones alone; a command that corrects what is
 * stored replaces one that is as new, and any where the source itself was restored to an earlier point.
 */
export type Replaces = "older" | "as new" | "any";

/**
 * Stores a state unless the same or a newer version is stored, and locks its row until the transaction ends. Returns
 * the state that it replaced, undefined for none; or "outdated". A sum to which the difference of the two is added is
 * the same after events in any order, however often each arrives.
 */
export async function storeState<State extends Columns>(
  tx: Tx,
  carried: CarriedState<State>,
  replaces: Replaces = "older",
): Promise<{ readonly previous: State | undefined } | "outdated"> {
  const { table, key, version, state } = carried;
  const stored =
    (await lock(tx, carried)) ?? ((await add(tx, carried)) ? undefined : await lock(tx, carried));
  if (stored === undefined) {
    return { previous: undefined };
  }
  if (!mayReplace(stored.version, version, replaces)) {
    return "outdated";
  }
  await update(tx, table, { ...state, version }, rowOf(key));
  return { previous: stored };
}

function mayReplace(stored: bigint, version: bigint, replaces: Replaces): boolean {
  return replaces === "any" || stored < version || (replaces === "as new" && stored === version);
}

async function lock<State>(
  tx: Tx,
  { table, key }: CarriedState<State>,
): Promise<(State & { readonly version: bigint }) | undefined> {
  const { sql, values } = rowOf(key);
  const [row] = await tx.query<State & { version: bigint }>(
    `SELECT * FROM ${table} WHERE ${sql} FOR UPDATE`,
    values,
  );
  return row;
}

/** Returns false where another delivery was first. */
async function add<State extends Columns>(
  tx: Tx,
  { table, key, version, state }: CarriedState<State>,
): Promise<boolean> {
  try {
    await insert(tx, table, { ...key, ...state, version });
    return true;
  } catch (error) {
    if (violatedKey(error) === "PRIMARY") {
      return false;
    }
    throw error;
  }
}

function rowOf(key: Columns) {
  const sql = Object.keys(key).map(name => `${toSnakeCase(name)} = ?`);
  return { sql: sql.join(" AND "), values: Object.values(key) };
}
