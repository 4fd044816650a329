import { AsyncLocalStorage } from "node:async_hooks";
import type { Connection, QueryOptions } from "mariadb";
import type { Sequelize } from "sequelize";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

interface Work {
  readonly deadlineMs: number;
  /** When the call began for which it is done, on the clock of `performance`. */
  readonly startMs: number;
}

const works = new AsyncLocalStorage<Work>();

/**
 * Runs the work of a call, whose statements the server ends at `deadlineMs`, in milliseconds since the epoch: no one
 * waits for them any more. None starts after that.
 */
export function endStatementsAt<T>(deadlineMs: number, work: () => T): T {
  return works.run({ deadlineMs, startMs: performance.now() }, work);
}

/** Runs work that continues after the call that started it; its statements have the limit of every connection. */
export function outliveCall<T>(work: () => T): T {
  return works.run(
    { deadlineMs: Number.POSITIVE_INFINITY, startMs: workStartMs() ?? performance.now() },
    work,
  );
}

/** When the call began that statements are sent for, on the clock of `performance`; undefined outside of calls. */
export function workStartMs(): number | undefined {
  return works.getStore()?.startMs;
}

/** Throws DEADLINE_EXCEEDED within a call whose deadline has passed. */
export function requireTimeLeft(): void {
  if (leftMs() <= 0) {
    throw new Failure(Reason.DEADLINE_EXCEEDED);
  }
}

function leftMs(): number {
  return (works.getStore()?.deadlineMs ?? Number.POSITIVE_INFINITY) - Date.now();
}

/** Applies deadlines to the statements of all connections that the pool opens from now on, those of models included. */
export function limitStatements(sequelize: Sequelize): void {
  sequelize.addHook("afterConnect", opened => {
    const connection = opened as Connection;
    const query = connection.query.bind(connection);
    connection.query = async (sql: string | QueryOptions, values?: unknown) => {
      const limitMs = leftMs();
      const text = typeof sql === "string" ? sql : sql.sql;
      // What ends a transaction may come late.
      if (
        limitMs === Number.POSITIVE_INFINITY ||
        !/^\s*\(?\s*(SELECT|INSERT|UPDATE|DELETE|BEGIN NOT ATOMIC)/i.test(text)
      ) {
        return query(sql, values);
      }
      if (limitMs <= 0) {
        throw new Failure(Reason.DEADLINE_EXCEEDED);
      }
      const limited = `SET STATEMENT max_statement_time=${limitMs / 1000} FOR ${text}`;
      return query(typeof sql === "string" ? limited : { ...sql, sql: limited }, values);
    };
  });
}
