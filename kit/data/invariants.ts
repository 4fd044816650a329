import { reachableFrom, type Transitions } from "#kit/contract/transitions.ts";
import type { Database, Queryable, SqlValue } from "#kit/data/database.ts";
import { type KeysetQuery, queryPage } from "#kit/data/keyset.ts";

/** What a check depends on besides the rows. */
export interface CheckOptions {
  /** Work younger than this may still be in flight and proves nothing. */
  readonly graceSeconds: number;
}

/** Something that always holds over the rows of one service. */
export interface Invariant {
  /** Starts with its number, for example `I1 ledger and wallets`. */
  readonly name: string;
  /** Yields one line per violation. Changes nothing. */
  check(database: Database, options: CheckOptions): AsyncIterable<string>;
}

const pageRows = 500;

/** Reads all rows of a query, page by page. */
export async function* readPages<Row extends object>(
  from: Queryable,
  query: Omit<KeysetQuery, "page">,
): AsyncIterable<Row[]> {
  let after: readonly string[] | undefined;
  do {
    const { rows, nextAfter } = await queryPage<Row>(from, { ...query, page: { after, limit: pageRows } });
    yield rows;
    after = nextAfter;
  } while (after !== undefined);
}

const maxRows = 100;

/** Yields a line for each row that a query finds, the first hundred. */
export async function* describeRows<Row extends object>(
  from: Queryable,
  { sql, values = [] }: { readonly sql: string; readonly values?: readonly SqlValue[] },
  describe: (row: Row) => string,
): AsyncIterable<string> {
  for (const row of await from.query<Row>(`${sql} LIMIT ${maxRows}`, values)) {
    yield describe(row);
  }
}

/** A state column, and the columns that are set with its states. */
interface StateColumn<State extends string> {
  readonly table: string;
  readonly id: string;
  /** The column of the state, `state` unless it is named. */
  readonly column?: string;
  readonly transitions: Transitions<State>;
  /** By column: it is set in these states, and in no state that cannot be reached from one of them. */
  readonly setIn: Readonly<Record<string, readonly State[]>>;
}

/** I8: rows are only in states of the table of transitions, with the columns set that those states require. */
export function stateInvariant<State extends string>(states: StateColumn<State>): Invariant {
  const { table, id, column = "state", transitions, setIn } = states;
  return {
    name: `I8 states of ${table}`,
    async *check(database) {
      yield* compareEnum(database, { table, column, transitions });
      for (const [mark, required] of Object.entries(setIn)) {
        const allowed = [...new Set(required.flatMap(state => [...reachableFrom(transitions, state)]))];
        yield* describeRows<{ id: string | bigint; state: State; isSet: bigint }>(
          database,
          {
            sql: `SELECT ${id} AS id, ${column} AS state, ${mark} IS NOT NULL AS is_set FROM ${table}
              WHERE (${mark} IS NULL AND ${column} IN (?)) OR (${mark} IS NOT NULL AND ${column} NOT IN (?))`,
            values: [required, allowed],
          },
          row => `${table} ${row.id} is ${row.state} ${Number(row.isSet) === 1 ? "with" : "without"} ${mark}`,
        );
      }
    },
  };
}

async function* compareEnum<State extends string>(
  database: Database,
  { table, column, transitions }: Required<Pick<StateColumn<State>, "table" | "column" | "transitions">>,
): AsyncIterable<string> {
  const [stored] = await database.query<{ type: string }>(
    `SELECT column_type AS type FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?`,
    [table, column],
  );
  const possible = [...(stored?.type ?? "").matchAll(/'([^']+)'/g)].map(match => match[1] ?? "").sort();
  const known = Object.keys(transitions).sort();
  if (possible.join() !== known.join()) {
    yield `${table} can be ${possible.join(", ")}; its transitions know ${known.join(", ")}`;
  }
}

/** Rows that wait for work on them. */
interface WaitingRows {
  /** The kind of their tasks. */
  readonly kind: string;
  readonly table: string;
  readonly id: string;
  /** SQL condition for the rows that wait, over the columns of the table. */
  readonly waiting: string;
  /** True where a row that does not wait may be checked again. */
  readonly mayRecheck?: boolean;
}

// How late a task may be before the job that should do it counts as stopped.
const lateSeconds = 60;

/** I10: no row waits without a task, no task is without a row, and no task is long overdue. */
export function taskInvariant({ kind, table, id, waiting, mayRecheck = false }: WaitingRows): Invariant {
  const taskId = `CAST(${id} AS CHAR CHARACTER SET ascii)`;
  return {
    name: `I10 tasks of ${table}`,
    async *check(database, { graceSeconds }) {
      yield* describeRows<{ id: string | bigint }>(
        database,
        {
          sql: `SELECT ${id} AS id FROM ${table}
            WHERE ${waiting} AND NOT EXISTS (SELECT 1 FROM task WHERE kind = ? AND task.id = ${taskId})`,
          values: [kind],
        },
        row => `${table} ${row.id} waits without a task`,
      );
      yield* describeRows<{ id: string }>(
        database,
        {
          sql: `SELECT task.id FROM task WHERE kind = ? AND NOT EXISTS (SELECT 1 FROM ${table}
            WHERE ${id} = task.id ${mayRecheck ? "" : `AND ${waiting}`})`,
          values: [kind],
        },
        row => `task ${row.id} has no ${table} that waits for it`,
      );
      yield* describeRows<{ id: string; due: string }>(
        database,
        {
          sql: `SELECT id, CAST(due_time AS CHAR) AS due FROM task
            WHERE kind = ? AND GREATEST(due_time, COALESCE(claimed_until, due_time)) < NOW(6) - INTERVAL ? SECOND`,
          values: [kind, graceSeconds + lateSeconds],
        },
        row => `task ${row.id} of ${table} has been due since ${row.due} UTC`,
      );
    },
  };
}
