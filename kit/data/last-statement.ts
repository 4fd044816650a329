import { driverError } from "#kit/data/database-errors.ts";
import { isCommitted, markFinished, type OpenTransaction } from "#kit/data/sequelize-transaction.ts";
import { type Statements, statementsOn } from "#kit/data/statements.ts";

/** The statements of a transaction, of which the last may commit. */
export interface CommittingStatements extends Statements {
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

/** The statements of an open transaction. */
export function withLastStatement(
  open: Pick<OpenTransaction, "connection" | "handle">,
  wrote: Parameters<typeof statementsOn>[1],
): CommittingStatements {
  const statements = statementsOn(open.connection, wrote);
  // The server would run it by itself, outside of any transaction.
  const requireOpen = () => {
    if (isCommitted(open)) {
      throw new Error("the transaction has ended with its last statement");
    }
  };
  return {
    async query(sql, values) {
      requireOpen();
      return statements.query(sql, values);
    },
    async execute(sql, values) {
      requireOpen();
      return statements.execute(sql, values);
    },
    async executeLast(sql, values, rows) {
      requireOpen();
      // An error ends the block before it commits.
      const block = `BEGIN NOT ATOMIC ${sql};
          IF ROW_COUNT() = ? THEN COMMIT; ELSE SIGNAL SQLSTATE '${notCommitted}'; END IF; END`;
      try {
        await statements.execute(block, [...values, rows]);
      } catch (error) {
        if (driverError(error).sqlState === notCommitted) {
          return false;
        }
        throw error;
      }
      markFinished(open, "commit");
      return true;
    },
  };
}
