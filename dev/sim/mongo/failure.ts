/** MongoDB's error codes that this server uses, by name. */
const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CommandNotSupported: 115,
  CannotIndexParallelArrays: 171,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  UnknownField: 40415,
} as const;

type FailureName = keyof typeof codes;

/** A refusal that the client gets as a command error or as an entry of `writeErrors`. */
export class MongoFailure extends Error {
  readonly code: number;
  readonly codeName: FailureName;
  readonly details: Record<string, unknown>;

  constructor(codeName: FailureName, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = codes[codeName];
    this.codeName = codeName;
    this.details = details;
  }
}

/** Refuses something that MongoDB can do and this server cannot. */
export const notImplemented = (what: string): MongoFailure =>
  new MongoFailure("CommandNotSupported", `${what} is not implemented by this server`);
