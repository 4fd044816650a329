import type { Span } from "@opentelemetry/api";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  DB_SYSTEM_NAME_VALUE_MARIADB,
} from "@opentelemetry/semantic-conventions";
import {
  ATTR_DB_CLIENT_CONNECTION_STATE,
  METRIC_DB_CLIENT_CONNECTION_COUNT,
  METRIC_DB_CLIENT_CONNECTION_LIMIT,
  METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS,
} from "@opentelemetry/semantic-conventions/incubating";
import type { Connection, QueryOptions } from "mariadb";
import { Gauge } from "prom-client";
import type { Sequelize } from "sequelize";
import type { ConnectionQueue } from "#kit/data/connection-queue.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { prometheusName as named } from "#kit/process/prometheus-name.ts";
import { failSpan, isRecording, startClientSpan } from "#kit/process/span.ts";

interface Pool {
  readonly using: number;
  readonly available: number;
  readonly maxSize: number;
}

/** Measures a pool: its connections, and the callers that wait for one. */
export function measurePool(sequelize: Sequelize, queue: ConnectionQueue, { registry }: Metrics): void {
  const { pool } = sequelize.connectionManager as unknown as { pool: Pool };
  const state = named(ATTR_DB_CLIENT_CONNECTION_STATE);
  const registers = [registry];
  new Gauge({
    name: named(METRIC_DB_CLIENT_CONNECTION_COUNT),
    help: "Connections of the pool, by state: used or idle.",
    labelNames: [state],
    registers,
    collect() {
      this.set({ [state]: "used" }, pool.using);
      this.set({ [state]: "idle" }, pool.available);
    },
  });
  new Gauge({
    name: named(METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS),
    help: "Requests that wait for a connection of the pool.",
    registers,
    collect() {
      this.set(queue.length());
    },
  });
  new Gauge({
    name: named(METRIC_DB_CLIENT_CONNECTION_LIMIT),
    help: "Connections that the pool may open.",
    registers,
    collect() {
      this.set(pool.maxSize);
    },
  });
}

/** Creates a span for every statement within a recorded trace, those of models and transactions included. */
export function traceStatements(sequelize: Sequelize): void {
  const namespace = sequelize.getDatabaseName();
  sequelize.addHook("afterConnect", opened => {
    const connection = opened as Connection;
    const query = connection.query.bind(connection);
    connection.query = (sql: string | QueryOptions, values?: unknown) => {
      const run = () => query(sql, values);
      return isRecording() ? traceStatement(typeof sql === "string" ? sql : sql.sql, namespace, run) : run();
    };
  });
}

async function traceStatement<T>(sql: string, namespace: string, run: () => Promise<T>): Promise<T> {
  const span = startStatementSpan(sql, namespace);
  try {
    return await run();
  } catch (error) {
    const { errno, code } = error as { errno?: number; code?: string };
    span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, String(errno));
    failSpan(span, code ?? "unknown");
    throw error;
  } finally {
    span.end();
  }
}

function startStatementSpan(sql: string, namespace: string): Span {
  const { operation, tables } = readStatement(sql);
  const summary = [operation, ...tables].join(" ");
  const [table] = tables;
  return startClientSpan(summary, {
    [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_NAME_VALUE_MARIADB,
    [ATTR_DB_NAMESPACE]: namespace,
    [ATTR_DB_OPERATION_NAME]: operation,
    [ATTR_DB_QUERY_SUMMARY]: summary,
    ...(table !== undefined && tables.length === 1 ? { [ATTR_DB_COLLECTION_NAME]: table } : {}),
  });
}

/**
 * The operation and the tables of a statement; of a compound one its first operation, and all tables. String literals
 * are dropped first, because models write values into their statements.
 */
function readStatement(sql: string): {
  readonly operation: string;
  readonly tables: readonly string[];
} {
  const bare = sql
    .replace(/'(?:[^'\\]|\\.)*'/gs, "?")
    .replace(/ON DUPLICATE KEY UPDATE/g, "")
    .replace(/^BEGIN NOT ATOMIC (?:START TRANSACTION; )?(?:DO \()?/, "");
  const [operation = "other"] = /START TRANSACTION|\w+/.exec(bare) ?? [];
  const tables = bare.matchAll(/(?:\b(?:FROM|INTO|JOIN)|(?:^|;)\s*UPDATE)\s+`?(\w+)/g);
  return { operation, tables: [...new Set(Array.from(tables, ([, table = ""]) => table))] };
}
