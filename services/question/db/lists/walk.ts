import type { Queryable } from "#kit/data/database.ts";
import type { Condition } from "./condition.ts";
import { comparePlaces, type Order, type Place } from "./order.ts";

/** How a list is read: branches of one index, merged in their order, and what remains to be checked on each row. */
export interface Plan {
  /** Has the alias `l`. */
  readonly table: string;
  readonly idColumn: string;
  readonly index: string;
  /** Each has its rows in the order of the list. */
  readonly branches: readonly Condition[];
  /** Narrows what the list is sorted by, so that a branch is entered and left where it begins and ends. */
  readonly range: Condition;
  readonly rest: Condition;
}

/** A row that was read, with what holds for it. */
export interface Entry extends Place {
  /** A bit for each check. */
  readonly passed: number;
}

/** Reads the rows of a plan in order, a few at a time, those that do not match among them. */
export interface Walk {
  /** The next row; `end` after the last, and `spent` where it would take more rows than `maxRows` in all. */
  next(maxRows: number): Promise<Entry | "end" | "spent">;
}

/** A branch of which some rows are read ahead. */
interface Cursor {
  readonly branch: Condition;
  readonly ahead: Entry[];
  after: Place | undefined;
  isDone: boolean;
  /** Rows to read next. */
  chunk: number;
}

interface WalkOptions {
  readonly plan: Plan;
  readonly order: Order;
  /** Each gives a bit of `passed`, the first the lowest. */
  readonly checks: readonly Condition[];
  readonly after: Place | undefined;
  /** Rows that the page needs if all match. */
  readonly wanted: number;
}

/** Starts a walk. Statements merge no branches: each of them enters its index where the page begins. */
export function createWalk(from: Queryable, { plan, order, checks, after, wanted }: WalkOptions): Walk {
  const { length } = plan.branches;
  const chunk = length === 1 ? wanted : Math.max(2, Math.ceil((2 * wanted) / length));
  const cursors = plan.branches.map((branch): Cursor => ({ branch, ahead: [], after, isDone: false, chunk }));
  const compare = comparePlaces(order);
  let rowsRead = 0;
  return {
    async next(maxRows) {
      const empty = cursors.filter(cursor => !cursor.isDone && cursor.ahead.length === 0);
      if (empty.length > 0) {
        if (rowsRead >= maxRows) {
          return "spent";
        }
        rowsRead += await readAhead(empty, Math.ceil((maxRows - rowsRead) / empty.length));
      }
      const first = firstOf(cursors, compare);
      return first?.ahead.shift() ?? "end";
    },
  };

  async function readAhead(empty: readonly Cursor[], mostRows: number): Promise<number> {
    const limits = empty.map(cursor => Math.min(cursor.chunk, mostRows));
    const parts = empty.map((cursor, index) =>
      selectOf({ plan, order, checks }, cursor, index, limits[index] ?? 0),
    );
    const sql = parts.map(part => `(${part.sql})`).join(" UNION ALL ");
    const rows = await from.query<Entry & { cursor: number | bigint }>(
      sql,
      parts.flatMap(({ values }) => values),
    );
    for (const [index, cursor] of empty.entries()) {
      const found = rows.filter(row => Number(row.cursor) === index);
      cursor.ahead.push(...found.map(({ key, id, passed }) => ({ key, id, passed: Number(passed) })));
      cursor.isDone = found.length < (limits[index] ?? 0);
      cursor.after = cursor.ahead.at(-1);
      cursor.chunk = Math.min(cursor.chunk * 2, 2 * wanted);
    }
    return rows.length;
  }
}

/** The branch whose next row comes first; undefined where all are at their end. */
function firstOf(cursors: readonly Cursor[], compare: (a: Place, b: Place) => number): Cursor | undefined {
  let first: Cursor | undefined;
  for (const cursor of cursors) {
    const [head] = cursor.ahead;
    const [best] = first?.ahead ?? [];
    if (head !== undefined && (best === undefined || compare(head, best) < 0)) {
      first = cursor;
    }
  }
  return first;
}

function selectOf(
  { plan, order, checks }: Pick<WalkOptions, "plan" | "order" | "checks">,
  { branch, after }: Cursor,
  index: number,
  limit: number,
): Condition {
  const id = `l.${plan.idColumn}`;
  const place = afterPlace(order, id, after);
  const passed = bitsOf(checks);
  const { column, direction } = order;
  return {
    sql: `SELECT ${index} AS \`cursor\`, CAST(l.${column} AS CHAR) AS \`key\`, ${id} AS id, ${passed.sql} AS passed
      FROM ${plan.table} l FORCE INDEX (${plan.index})
      WHERE ${branch.sql} AND ${plan.range.sql} AND ${place.sql}
      ORDER BY l.${column} ${direction}, ${id} ${order.ties} LIMIT ?`,
    values: [...passed.values, ...branch.values, ...plan.range.values, ...place.values, limit],
  };
}

/** A number with a bit for each check that a row passes. */
export function bitsOf(checks: readonly Condition[]): Condition {
  return {
    sql: checks.map(({ sql }, bit) => `(${sql}) * ${2 ** bit}`).join(" + "),
    values: checks.flatMap(({ values }) => values),
  };
}

/** The rows after a place, as two ranges of an index. */
function afterPlace(
  { column, direction, isNumber, ties }: Order,
  id: string,
  after: Place | undefined,
): Condition {
  if (after === undefined) {
    return { sql: "1", values: [] };
  }
  // A number as a number: compared with its text, the index would not be entered.
  const key = isNumber ? Number(after.key) : after.key;
  const isAfter = { ASC: ">", DESC: "<" };
  return {
    sql: `(l.${column} ${isAfter[direction]} ? OR (l.${column} = ? AND ${id} ${isAfter[ties]} ?))`,
    values: [key, key, after.id],
  };
}
