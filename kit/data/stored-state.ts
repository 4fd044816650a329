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
 * Stores a state unless the same or a newer version is stored, and locks its row until the transaction ends. Returns
 * the state that it replaced, undefined for none; or "outdated". A sum to which the difference of the two is added is
 * the same after events in any order, however often each arrives.
 */
export async function storeState<State extends Columns>(
  tx: Tx,
  carried: CarriedState<State>,
): Promise<{ readonly previous: State | undefined } | "outdated"> {
  const { table, key, version, state } = carried;
  const stored =
    (await lock(tx, carried)) ?? ((await add(tx, carried)) ? undefined : await lock(tx, carried));
  if (stored === undefined) {
    return { previous: undefined };
  }
  if (stored.version >= version) {
    return "outdated";
  }
  await update(tx, table, { ...state, version }, rowOf(key));
  return { previous: stored };
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
