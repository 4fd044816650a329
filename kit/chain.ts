import { create, type Message } from "@bufbuild/protobuf";
import { trace } from "@opentelemetry/api";
import { CodeSchema, Code as RpcCode } from "#gen/google/rpc/code_pb.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { type Policy, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { type AccessOptions, authorize } from "#kit/access.ts";
import type { Caller, Context } from "#kit/context.ts";
import { failpoint } from "#kit/failpoint.ts";
import { Failure, reasonName, refusalOf } from "#kit/failure.ts";
import type { RateLimiter } from "#kit/limits.ts";
import type { Logger } from "#kit/log.ts";
import type { Metrics } from "#kit/metrics.ts";
import { methodName, policyOf } from "#kit/policy.ts";
import type { Route } from "#kit/route.ts";
import { validate } from "#kit/validation.ts";

/** What a transport knows about a call before anybody looked at it. */
export interface Arrival {
  readonly protocol: string;
  readonly headers: Headers;
  readonly responseHeaders: Headers;
  readonly clientAddress: string;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, where the caller set a deadline. */
  readonly deadlineMs: number | undefined;
}

export interface ChainOptions extends AccessOptions {
  readonly limit: RateLimiter;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Answers one call of one method, or throws a Failure and nothing else. */
export type Serve = (request: Message, arrival: Arrival) => Promise<Message>;

/** Wraps a handler in the policy of its method: log and metrics, errors, deadline, access, limits, validation. The same for every transport. */
export function createServe(route: Route, options: ChainOptions): Serve {
  const policy = policyOf(route.method);
  const name = methodName(route.method);
  return async (request, arrival) => {
    const startMs = performance.now();
    const outcome: Outcome = { caller: { kind: "anonymous" } };
    try {
      const answer = await withinDeadline(policy, arrival, (signal, deadlineMs) =>
        guard(route, policy, options, request, { ...arrivalContext(arrival), signal, deadlineMs }, outcome),
      );
      return create(route.method.output, answer);
    } catch (error) {
      outcome.error = error instanceof Failure ? error : fault(error);
      throw outcome.error;
    } finally {
      record(name, arrival, outcome, performance.now() - startMs, options);
    }
  };
}

interface Outcome {
  caller: Caller;
  error?: Failure;
}

type Bare = Omit<Context, "caller">;

function arrivalContext({ headers, responseHeaders, clientAddress }: Arrival) {
  return { requestHeaders: headers, responseHeaders, clientAddress };
}

async function guard(
  route: Route,
  policy: Policy,
  options: ChainOptions,
  request: Message,
  bare: Bare,
  outcome: Outcome,
) {
  const caller = await authorize(policy, bare.requestHeaders, options);
  outcome.caller = caller;
  if (policy.rate !== Rate.MESH) {
    await options.limit(
      policy.rate,
      caller.kind === "user" ? `user ${caller.userId}` : `address ${bare.clientAddress}`,
    );
  }
  validate(route.method.input, request);
  await failpoint(`${route.method.name}.before`);
  const answer = await route.handle(request, { ...bare, caller });
  await failpoint(`${route.method.name}.after`);
  return answer;
}

// A transport ends its signal at the caller's deadline by a clock of its own, which may be milliseconds ahead of our timer.
const transportSlackMs = 20;

async function withinDeadline<T>(
  policy: Policy,
  arrival: Arrival,
  work: (signal: AbortSignal, deadlineMs: number) => Promise<T>,
): Promise<T> {
  const now = Date.now();
  const deadlineMs = Math.min(arrival.deadlineMs ?? Number.POSITIVE_INFINITY, now + policy.deadlineMs);
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Failure(Reason.DEADLINE_EXCEEDED)),
    Math.max(0, deadlineMs - now),
  );
  const hangUp = () => {
    const early = Date.now() < deadlineMs - transportSlackMs;
    controller.abort(new Failure(early ? Reason.REQUEST_CANCELLED : Reason.DEADLINE_EXCEEDED));
  };
  if (arrival.signal.aborted) {
    hangUp();
  }
  arrival.signal.addEventListener("abort", hangUp, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    const rejectNow = () => reject(controller.signal.reason);
    controller.signal.addEventListener("abort", rejectNow, { once: true });
    if (controller.signal.aborted) {
      rejectNow();
    }
  });
  try {
    return await Promise.race([work(controller.signal, deadlineMs), aborted]);
  } finally {
    clearTimeout(timer);
    arrival.signal.removeEventListener("abort", hangUp);
  }
}

function fault(cause: unknown): Failure {
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  return new Failure(Reason.INTERNAL_SERVER_ERROR, {
    cause,
    metadata: traceId === undefined ? {} : { trace_id: traceId },
  });
}

function record(
  method: string,
  { protocol }: Arrival,
  { caller, error }: Outcome,
  durationMs: number,
  options: ChainOptions,
): void {
  const code =
    CodeSchema.value[error === undefined ? RpcCode.OK : refusalOf(error.reason).code]?.name ?? "UNKNOWN";
  options.metrics.calls.observe({ method, code, protocol }, durationMs / 1000);
  const line = {
    method,
    protocol,
    code,
    durationMs: Math.round(durationMs * 10) / 10,
    ...(caller.kind === "anonymous" ? {} : { userId: caller.userId?.toString() }),
    ...(caller.kind === "service" ? { neighbour: caller.service } : {}),
  };
  if (error === undefined) {
    options.log.debug(line, "call");
  } else if (error.reason === Reason.INTERNAL_SERVER_ERROR) {
    options.log.error({ ...line, err: error.cause ?? error }, "call failed");
  } else {
    options.log.info({ ...line, reason: reasonName(error.reason), ...error.metadata }, "call refused");
  }
}
