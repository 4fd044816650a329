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

/** The reasons for which methods refused calls in this process, by method. */
export function refusalsSeen(): Record<string, string[]> {
  return Object.fromEntries([...seen].map(([method, reasons]) => [method, [...reasons]]));
}

/** The refusals that the contracts name and that are not among those seen, one line per method. */
export function unseenRefusals(seenBy: Readonly<Record<string, readonly string[]>>): string[] {
  return protoServices
    .flatMap(service => service.methods)
    .flatMap(method => {
      const unseen = refusalsOf(method).filter(reason => !seenBy[nameOf(method)]?.includes(reason));
      return unseen.length === 0 ? [] : [`${nameOf(method)}: ${unseen.join(", ")}`];
    });
}

function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
