import type { Document } from "../document.ts";
import { MongoFailure } from "../failure.ts";
import { flagField } from "../fields.ts";
import { maxWriteBatchSize } from "./handshake.ts";

/**
 * Runs the statements of a write command one by one and collects refusals in `writeErrors`. An ordered command stops
 * at the first.
 */
export function runStatements(
  body: Document,
  statements: readonly Document[],
  run: (statement: Document, index: number) => void,
): Document {
  if (statements.length === 0 || statements.length > maxWriteBatchSize) {
    throw new MongoFailure("InvalidOptions", `A write needs between 1 and ${maxWriteBatchSize} statements`);
  }
  const ordered = flagField(body, "ordered", true);
  const writeErrors: Document[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof MongoFailure)) {
        throw error;
      }
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.details });
      if (ordered) {
        break;
      }
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}
