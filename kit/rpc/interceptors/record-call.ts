import type { DescMethodUnary } from "@bufbuild/protobuf";
import { Code } from "#gen/google/rpc/code_pb.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { Caller } from "#kit/contract/context.ts";
import { type Failure, reasonName, refusalOf } from "#kit/contract/failure.ts";
import { methodName } from "#kit/contract/policy.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import type { Call } from "#kit/rpc/call.ts";
import { rpcSystemOf } from "#kit/rpc/call-spans.ts";

export interface RecordOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Counts every call and logs it by its outcome; a refusal can be explained from its one line, found by the request
 * id.
 */
export function recordCall(
  method: DescMethodUnary,
  options: RecordOptions,
): (call: Call, failure: Failure | undefined) => void {
  const name = methodName(method);
  return (call, failure) => recordOutcome(name, call, failure, performance.now() - call.startMs, options);
}

type Ended = Pick<Call, "protocol" | "requestId" | "caller">;

/** Counts and logs one call that has ended. */
export function recordOutcome(
  method: string,
  call: Ended,
  failure: Failure | undefined,
  durationMs: number,
  { log, metrics }: RecordOptions,
): void {
  const { protocol } = call;
  metrics.calls.observe(
    {
      rpc_system_name: rpcSystemOf(protocol),
      rpc_method: method,
      rpc_status_code: codeOf(failure),
      protocol,
    },
    durationMs / 1000,
  );
  logOutcome(method, call, failure, durationMs, log);
}

function codeOf(failure: Failure | undefined): string {
  return statusName(failure === undefined ? Code.OK : refusalOf(failure.reason).code);
}

/** Logs one call or request that has ended. */
export function logOutcome(
  method: string,
  { protocol, requestId, caller }: Ended,
  failure: Failure | undefined,
  durationMs: number,
  log: Logger,
): void {
  // Most calls, of which a service writes no line.
  if (failure === undefined && !log.isLevelEnabled("debug")) {
    return;
  }
  const line = {
    method,
    protocol,
    code: codeOf(failure),
    requestId,
    durationMs: Math.round(durationMs * 10) / 10,
    ...callerFields(caller),
  };
  if (failure === undefined) {
    log.debug(line, "call");
  } else if (failure.reason === Reason.INTERNAL_SERVER_ERROR) {
    log.error({ ...line, err: failure.cause ?? failure }, "call failed");
  } else {
    log.info({ ...line, ...refusalFields(failure) }, "call refused");
  }
}

function callerFields(caller: Caller) {
  if (caller.kind === "anonymous") {
    return {};
  }
  const userId = caller.userId?.toString();
  return caller.kind === "service" ? { userId, callerService: caller.service } : { userId };
}

/**
 * What explains a refusal: its reason and metadata, the fields that broke the contract, and the cause of what may
 * pass.
 */
function refusalFields({ reason, metadata, violations, cause }: Failure) {
  return {
    reason: reasonName(reason),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(violations.length > 0 ? { violations } : {}),
    ...(cause === undefined ? {} : { err: cause }),
  };
}
