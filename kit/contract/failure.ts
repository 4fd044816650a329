import { getOption } from "@bufbuild/protobuf";
import { Reason, ReasonSchema, type Refusal, refusal } from "#gen/questioncloud/common/v1/reason_pb.ts";

/** A field of a request that breaks a rule of the contract. */
interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** Details of a failure beyond its reason. */
interface FailureOptions {
  /** Values that the text mentions or a program needs; they reach the caller. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds after which a retry makes sense. */
  readonly retryAfterMs?: number;
  readonly violations?: readonly FieldViolation[];
  /** For the log alone; never reaches the caller. */
  readonly cause?: unknown;
}

/**
 * A refusal by a reason of the catalog (questioncloud/common/v1/reason.proto). Everything else that is thrown is a
 * fault.
 */
export class Failure extends Error {
  readonly reason: Reason;
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;
  readonly violations: readonly FieldViolation[];

  constructor(reason: Reason, options: FailureOptions = {}) {
    super(reasonName(reason), { cause: options.cause });
    this.name = "Failure";
    this.reason = reason;
    this.metadata = options.metadata ?? {};
    this.retryAfterMs = options.retryAfterMs;
    this.violations = options.violations ?? [];
  }
}

const prefix = "REASON_";

/** The name of a reason on the wire, for example NOT_FOUND. */
export function reasonName(reason: Reason): string {
  return (ReasonSchema.value[reason]?.name ?? "REASON_INTERNAL_SERVER_ERROR").slice(prefix.length);
}

/** The reason with this name on the wire, or undefined. */
export function reasonNamed(name: string): Reason | undefined {
  return ReasonSchema.values.find(value => value.name === prefix + name)?.number as Reason | undefined;
}

// An option is decoded each time that it is asked for, which takes as long as half of a refusal.
const refusals: ReadonlyMap<number, Refusal> = new Map(
  ReasonSchema.values
    .filter(({ number }) => number !== Reason.UNSPECIFIED)
    .map(value => [value.number, getOption(value, refusal)]),
);

/** The catalog's entry of a reason: code and texts. */
export function refusalOf(reason: Reason): Refusal {
  return refusals.get(reason) ?? refusalOf(Reason.INTERNAL_SERVER_ERROR);
}

const faults: ReadonlySet<Reason> = new Set([
  Reason.UNSPECIFIED,
  Reason.INTERNAL_SERVER_ERROR,
  Reason.UNAUTHORIZED_TOKEN,
  Reason.FORBIDDEN,
  Reason.BAD_REQUEST,
  Reason.RATE_LIMITED,
  Reason.DEADLINE_EXCEEDED,
  Reason.SERVICE_UNAVAILABLE,
  Reason.METHOD_NOT_FOUND,
  Reason.REQUEST_CANCELLED,
  Reason.REQUEST_TOO_LARGE,
  Reason.UNSUPPORTED_MEDIA_TYPE,
  Reason.HTTP_METHOD_NOT_ALLOWED,
]);

/** True where the callee decided against the call; false where the outcome of the call is unknown. */
export function isDecided(error: unknown): error is Failure {
  return error instanceof Failure && !faults.has(error.reason);
}
