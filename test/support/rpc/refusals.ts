import type { DescMethod } from "@bufbuild/protobuf";
import { protoServices } from "#kit/contract/contracts.ts";
import { refusalsOf } from "./contract-comments.ts";

const seen = new Map<string, Set<string>>();

/** Records that a method refused a call for a reason. */
export function noteRefusal(method: DescMethod, reason: string | undefined): void {
  if (reason !== undefined) {
    const name = nameOf(method);
    seen.set(name, (seen.get(name) ?? new Set()).add(reason));
  }
}

/** The reasons for which a method refused calls in this run. */
function refusalsSeen(method: string): ReadonlySet<string> {
  return seen.get(method) ?? new Set();
}

/** The refusals that the contracts name and that no test of this run has seen, one line per method. */
export function unseenRefusals(): string[] {
  return protoServices
    .flatMap(service => service.methods)
    .flatMap(method => {
      const unseen = refusalsOf(method).filter(reason => !refusalsSeen(nameOf(method)).has(reason));
      return unseen.length === 0 ? [] : [`${nameOf(method)}: ${unseen.join(", ")}`];
    });
}

function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
