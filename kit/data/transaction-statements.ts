import type { SqlValue } from "#kit/data/database.ts";
import { driverError } from "#kit/data/database-errors.ts";
import {
  isCommitted,
  markFinished,
  type OpenTransaction,
  requireNotStarting,
  start,
} from "#kit/data/sequelize-transaction.ts";
import type { RawSql } from "#kit/data/sql.ts";
import { type Statements, statementsOn } from "#kit/data/statements.ts";

/** What runs a statement without an answer that is needed. */
export interface Writes {
  execute(sql: string, values?: readonly SqlValue[]): Promise<unknown>;
}

/** The statements of a transaction, of which the first starts it, and the last may commit. */
export interface TransactionStatements extends Statements {
  /**
   * Writes that are sent with the next statement, or with the commit: one round trip for all, in their order. An error
   * of one is thrown there, nothing after it runs, and the transaction can only be rolled back. Statements of models do
   * not wait for them.
   */
  readonly deferred: Writes;
  /**
   * Runs the last statement, and commits in the same round trip where it affects `rows` rows: what it locks is locked
   * while the server works, and not while the answer travels and a busy process comes to it. Returns false where it
   * affects another number; the transaction is open then. After any error but a conflict it is not known whether the
   * transaction is committed, as after a COMMIT.
   */
  executeLast(
    ...[sql, values, rows]: [...Required<Parameters<Statements["execute"]>>, number]
  ): Promise<boolean>;
}

const notCommitted = "45000";

/** The statements of a transaction, and what commits it with the deferred ones where there are any. */
export function transactionStatements(
  open: OpenTransaction,
  wrote: Parameters<typeof statementsOn>[1],
): TransactionStatements & { commitDeferred(): Promise<void> } {
  const { query, execute } = statementsOn(open.connection, wrote);
  const { deferred, requireOpen, send, resume } = createSender(open);
  return {
    deferred: {
      async execute(sql, values = []) {
        requireOpen();
        deferred.push({ sql, values });
      },
    },
    query: <Row>(sql: string, values: readonly SqlValue[] = []) => send<Row[]>(query, { sql, values }),
    async execute(sql, values = []) {
      // A compound statement counts the rows of all that are in it, and does not answer with an id.
      if (deferred.length > 0) {
        await send(execute, { sql: "DO 0", values: [] });
      }
      requireOpen();
      if (/^\s*INSERT/i.test(sql)) {
        start(open);
      }
      return send(execute, { sql, values });
    },
    async executeLast(sql, values, rows) {
      try {
        const end = `IF ROW_COUNT() = ${rows} THEN COMMIT; ELSE SIGNAL SQLSTATE '${notCommitted}'; END IF; `;
        await send(execute, { sql, values }, end);
      } catch (error) {
        if (driverError(error).sqlState === notCommitted) {
          resume();
          return false;
        }
        throw error;
      }
      markFinished(open, "commit");
      return true;
    },
    async commitDeferred() {
      const [first, ...others] = deferred;
      if (first !== undefined && others.length === 0 && open.progress === "new") {
        // A statement alone is a transaction.
        await execute(first.sql, first.values);
      } else if (first !== undefined) {
        await send(execute, { sql: "COMMIT", values: [] });
      } else if (isCommitted(open)) {
        return;
      } else {
        return requireOpen();
      }
      markFinished(open, "commit");
    },
  };
}

/** Sends statements in as few round trips as possible. */
function createSender(open: OpenTransaction) {
  const deferred: RawSql[] = [];
  let failure: unknown;

  const requireOpen = () => {
    // The server would run it by itself, outside of any transaction.
    if (isCommitted(open)) {
      throw new Error("the transaction has ended with its last statement");
    }
    if (failure !== undefined) {
      throw new Error("the transaction can only be rolled back", { cause: failure });
    }
  };

  return {
    deferred,
    requireOpen,
    /** Goes on after an error of `end`. */
    resume() {
      open.progress = "started";
      failure = undefined;
    },
    /** Sends the start of the transaction and the deferred writes, where there are any, a statement, and `end`. */
    async send<T>(
      by: (sql: string, values: readonly SqlValue[]) => Promise<T>,
      statement: RawSql,
      end = "",
    ): Promise<T> {
      requireOpen();
      const isFirst = open.progress !== "started";
      requireNotStarting(open);
      const sent = [...deferred.splice(0), statement];
      const isMore = sent.length > 1 || end !== "";
      if (!isFirst && !isMore) {
        return by(statement.sql, statement.values);
      }
      if (isFirst) {
        open.progress = "starting";
      }
      const texts = [...(isFirst ? ["START TRANSACTION"] : []), ...sent.map(({ sql }) => sql)];
      try {
        // An error ends it before what follows.
        const result = await by(
          `BEGIN NOT ATOMIC ${texts.join("; ")}; ${end}END`,
          sent.flatMap(({ values }) => values),
        );
        open.progress = "started";
        return result;
      } catch (error) {
        if (isFirst) {
          open.progress = "sent";
        }
        // Alone, a statement that fails has changed nothing, and the next one starts the transaction again.
        if (isMore) {
          failure = error;
        }
        throw error;
      }
    },
  };
}
