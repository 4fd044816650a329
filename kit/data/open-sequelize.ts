import mariadb from "mariadb";
import { Sequelize } from "sequelize";

// Otherwise Sequelize adds a statement to initSql with each connection that it opens.
const untypedOptions = { keepDefaultTimezone: true };

interface OpenOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly socketTimeoutMs: number;
  /** How often a connection is used before it is closed; without limit by default. */
  readonly maxUses?: number;
}

/** Opens a pool with the settings that every service's statements rely on. */
export function openSequelize({ url, poolSize, socketTimeoutMs, maxUses }: OpenOptions): Sequelize {
  return new Sequelize(url, {
    dialect: "mariadb",
    // Otherwise Sequelize looks the package up by name, which a bundle does not have.
    dialectModule: mariadb,
    logging: false,
    timezone: "+00:00",
    ...untypedOptions,
    pool: {
      max: poolSize,
      min: 0,
      ...(maxUses === undefined ? {} : { maxUses }),
      // Long enough for those that hold silent connections to lose them.
      acquire: Math.min(10_000, 4 * socketTimeoutMs),
      // The socket timeout runs on idle connections as well; the pool closes them before that, and properly.
      idle: Math.min(60_000, socketTimeoutMs / 2),
    },
    dialectOptions: {
      foundRows: true,
      bigIntAsNumber: false,
      insertIdAsNumber: false,
      decimalAsNumber: false,
      supportBigNumbers: false,
      timezone: "Z",
      connectTimeout: 3000,
      socketTimeout: socketTimeoutMs,
      // Errors are logged, and values may be secrets or personal data.
      logParam: false,
      initSql: [
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        // The server does not notice that a connection was dropped for its silence while a statement runs.
        `SET time_zone = '+00:00', innodb_lock_wait_timeout = 5, max_statement_time = ${socketTimeoutMs / 1000}`,
      ],
      typeCast: castColumn,
    },
    define: { timestamps: false, freezeTableName: true, underscored: true },
    query: { raw: true },
  });
}

interface Column {
  readonly type: string;
  readonly columnLength: number;
  string(): string | null;
}

function castColumn(column: Column, next: () => unknown): unknown {
  if (column.type === "DATETIME" || column.type === "TIMESTAMP") {
    const text = column.string();
    return text === null ? null : new Date(`${text.replace(" ", "T")}Z`);
  }
  if (column.type === "DATE") {
    return column.string();
  }
  if (column.type === "TINY" && column.columnLength === 1) {
    const value = next();
    return value === null ? null : Number(value) === 1;
  }
  return next();
}
