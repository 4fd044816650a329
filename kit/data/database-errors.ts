import { BaseError, ConnectionError } from "sequelize";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

// --read-only, a read-only transaction, InnoDB in read-only mode.
const readOnly: ReadonlySet<number> = new Set([1290, 1792, 1836]);

/** True for an error that says that the server takes no writes. */
export function isReadOnly(error: unknown): boolean {
  return readOnly.has(driverError(error).errno ?? 0);
}

// Deadlock, lock wait timeout, snapshot conflict.
const conflicts: ReadonlySet<number> = new Set([1213, 1205, 1020]);

/** What a transaction throws to be run again: it does not fit what others have committed since it began. */
export class SnapshotConflict extends Error {
  readonly errno = 1020;
}

/** True for an error that says that others hold what a statement needs; that passes. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(driverError(error).errno ?? 0);
}

/** A SERVICE_UNAVAILABLE in place of a conflict; other errors as they are. */
export function withoutConflict(error: unknown): unknown {
  return isConflict(error) ? new Failure(Reason.SERVICE_UNAVAILABLE, { cause: error }) : error;
}

/** A DEADLINE_EXCEEDED for an error that says that a statement did not start before its deadline, or did not end. */
export function pastDeadline(cause: unknown): Failure | undefined {
  const error = driverError(cause);
  if (error instanceof Failure) {
    return error;
  }
  return error.errno === statementTimeout ? new Failure(Reason.DEADLINE_EXCEEDED, { cause }) : undefined;
}

// The connector takes it for the end of the connection, which it is not.
const statementTimeout = 1969;

/** A SERVICE_UNAVAILABLE for an error that says that the connection is gone or the server takes no writes. */
export function lostConnection(cause: unknown): Failure | undefined {
  const { fatal, errno } = driverError(cause);
  const lost =
    (fatal === true && errno !== statementTimeout) || isReadOnly(cause) || cause instanceof ConnectionError;
  return lost ? new Failure(Reason.SERVICE_UNAVAILABLE, { cause }) : undefined;
}

/** An error without the statement and the values that Sequelize attaches to its own: values may be secrets. */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof BaseError)) {
    return error;
  }
  const { errno, code, sqlMessage } = driverError(error);
  const { name, stack } = error;
  return Object.assign(new Error(sqlMessage ?? name), { name, errno, code, stack });
}

interface DriverError {
  readonly errno?: number;
  readonly sqlState?: string;
  readonly code?: string;
  readonly fatal?: boolean;
  readonly message?: string;
  readonly sqlMessage?: string;
}

/** What the connector threw; Sequelize wraps it. */
export function driverError(error: unknown): DriverError {
  if (typeof error !== "object" || error === null) {
    return {};
  }
  return "parent" in error ? driverError(error.parent) : error;
}
