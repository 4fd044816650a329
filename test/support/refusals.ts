import type { DescMethod } from "@bufbuild/protobuf";
import { protoServices } from "../../gateway/contracts.ts";
import { refusalsOf } from "./contract-comments.ts";

const seen = new Map<string, Set<string>>();

/** Remembers that a method was seen to refuse for a reason. */
export function noteRefusal(method: DescMethod, reason: string | undefined): void {
  if (reason !== undefined) {
    const name = nameOf(method);
    seen.set(name, (seen.get(name) ?? new Set()).add(reason));
  }
}

/** The reasons for which a method was seen to refuse in this run. */
export function refusalsSeen(method: string): ReadonlySet<string> {
  return seen.get(method) ?? new Set();
}

/** What the contracts promise to refuse and no test of this run saw refused, one line a method. */
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
