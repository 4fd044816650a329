import { sourcesOf, type Transitions } from "#kit/contract/transitions.ts";
import type { Queryable, SqlValue } from "#kit/data/database.ts";
import { type RawSql, update } from "#kit/data/sql.ts";

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
export async function moveState<State extends string>(
  on: Queryable,
  { table, column = "state", transitions, to, from, where, set = {} }: Move<State>,
): Promise<number> {
  const sources = sourcesOf(transitions, to).filter(state => from?.includes(state) ?? true);
  if (sources.length === 0) {
    throw new TypeError(`nothing becomes ${to} in ${table}`);
  }
  const narrowed = { sql: `${where.sql} AND ${column} IN (?)`, values: [...where.values, sources] };
  return update(on, table, { [column]: to, ...set }, narrowed);
}
