import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { Access, type Policy, policy, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";

/** The guard of a method. Throws where the contract lacks one, so that a server without it never starts. */
export function policyOf(method: DescMethod): Policy {
  const name = methodName(method);
  if (!hasOption(method, policy)) {
    throw new Error(`${name} has no policy`);
  }
  const found = getOption(method, policy);
  if (found.access === Access.UNSPECIFIED || found.rate === Rate.UNSPECIFIED) {
    throw new Error(`the policy of ${name} lacks access or rate`);
  }
  if (found.deadlineMs < 1 || found.deadlineMs > 60_000) {
    throw new Error(`the policy of ${name} lacks a deadline of 1 to 60000 ms`);
  }
  if ((found.access === Access.INTERNAL) !== found.callers.length > 0) {
    throw new Error(`the policy of ${name} must name callers if and only if its access is INTERNAL`);
  }
  return found;
}

/** The name of a method in paths, without the leading slash. */
export function methodName(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

/** True where the method may be called again after a lost answer. */
export function isIdempotent(method: DescMethod): boolean {
  return method.idempotency === Idempotency.NO_SIDE_EFFECTS || method.idempotency === Idempotency.IDEMPOTENT;
}
