import type { DescMethodUnary } from "@bufbuild/protobuf";
import { Access, AccessSchema } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { protoServices, serversOf } from "#kit/contract/contracts.ts";
import { methodName, policyOf } from "#kit/contract/policy.ts";
import { UsageError } from "#ops/command-line.ts";

const methods = protoServices.flatMap(service => service.methods) as DescMethodUnary[];

/** The method whose name ends with this text, from a slash, a dot or the start; in any case. */
export function findMethod(text: string): DescMethodUnary {
  const wanted = text.toLowerCase();
  const found = methods.filter(method => {
    const name = methodName(method).toLowerCase();
    return name === wanted || name.endsWith(`/${wanted}`) || name.endsWith(`.${wanted}`);
  });
  const [method] = found;
  if (method === undefined) {
    const similar = methods.filter(each => shortName(each).toLowerCase().includes(wanted));
    const hint =
      similar.length > 0 ? `; there are:\n${listNames(similar)}` : "; without a method, all are listed";
    throw new UsageError(`there is no method ${text}${hint}`);
  }
  if (found.length > 1) {
    throw new UsageError(`${text} can be:\n${listNames(found)}`);
  }
  return method;
}

/** All methods, with who may call them. */
export function describeMethods(): string {
  const width = Math.max(...methods.map(method => shortName(method).length));
  return methods.map(method => `${shortName(method).padEnd(width)}  ${describeAccess(method)}\n`).join("");
}

/** True for a method that only services may call. */
export function isInternal(method: DescMethodUnary): boolean {
  return policyOf(method).access === Access.INTERNAL;
}

/** The one that is chosen, or the only one that there is. */
export function chooseService(
  option: string,
  chosen: string | undefined,
  possible: readonly string[],
): string {
  const [only] = possible;
  if (chosen === undefined && possible.length === 1 && only !== undefined) {
    return only;
  }
  if (chosen === undefined) {
    throw new UsageError(`${option} is needed, one of ${possible.join(", ")}`);
  }
  return chosen;
}

function describeAccess(method: DescMethodUnary): string {
  const { access, callers } = policyOf(method);
  return access === Access.INTERNAL
    ? `internal, for ${callers.join(", ")} at ${serversOf(method.parent).join(", ")}`
    : (AccessSchema.value[access]?.localName.toLowerCase() ?? "");
}

function shortName(method: DescMethodUnary): string {
  return methodName(method).replace("questioncloud.", "");
}

function listNames(found: readonly DescMethodUnary[]): string {
  return found.map(method => `  ${shortName(method)}`).join("\n");
}
