import { type Code, CodeSchema } from "#gen/google/rpc/code_pb.ts";

/** The name of a gRPC status code, for example `NOT_FOUND`; logs, spans and metrics of every protocol use it. */
export function statusName(code: number): string {
  return CodeSchema.value[code as Code]?.name ?? "UNKNOWN";
}

/** The semantic conventions count only these against a server; every other code is about the caller's request. */
export const serverErrors: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/** True for a status by which a server has failed, false where it has answered or refused. */
export function isServerError(status: string): boolean {
  return serverErrors.has(status);
}
