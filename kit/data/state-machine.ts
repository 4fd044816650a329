import { sourcesOf, type Transitions } from "#kit/contract/transitions.ts";
import type { Queryable, SqlValue, Tx } from "#kit/data/database.ts";
import { type RawSql, updateStatement } from "#kit/data/sql.ts";

/** A move of rows from any state that allows it. */
export interface Move<State extends string> {
  readonly table: string;
  /** The column of the state, `state` unless it is named. */
  readonly column?: string;
  readonly transitions: Transitions<State>;
  readonly to: State;
  /** Narrows the sources further. */
  readonly from?: readonly State[];
  /** The rows, and conditions of their own. */
  readonly where: { readonly sql: string; readonly values: readonly SqlValue[] };
  /** Columns to set, by their camelCase names. */
  readonly set?: Readonly<Record<string, SqlValue | RawSql>>;
}

/** Moves rows to a state, those that are in a state from which they may get there. Returns how many. */
export async function moveState<State extends string>(on: Queryable, move: Move<State>): Promise<number> {
  const { sql, values } = statementOf(move);
  return (await on.execute(sql, values)).affectedRows;
}

/** Moves rows like `moveState`, with the next statement of the transaction or with its commit. */
export async function moveStateDeferred<State extends string>(tx: Tx, move: Move<State>): Promise<void> {
  const { sql, values } = statementOf(move);
  await tx.deferred.execute(sql, values);
}

/**
 * Moves rows like `moveState` by the last statement of the transaction, and commits where it moves `rows`. Returns
 * false where it moves another number; the transaction is open then.
 */
export function moveStateLast<State extends string>(
  tx: Tx,
  move: Move<State>,
  rows: number,
): Promise<boolean> {
  const { sql, values } = statementOf(move);
  return tx.executeLast(sql, values, rows);
}

function statementOf<State extends string>({
  table,
  column = "state",
  transitions,
  to,
  from,
  where,
  set = {},
}: Move<State>): RawSql {
  const sources = sourcesOf(transitions, to).filter(state => from?.includes(state) ?? true);
  if (sources.length === 0) {
    throw new TypeError(`nothing becomes ${to} in ${table}`);
  }
  const narrowed = { sql: `${where.sql} AND ${column} IN (?)`, values: [...where.values, sources] };
  return updateStatement(table, { [column]: to, ...set }, narrowed);
}
