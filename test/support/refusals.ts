import type { DescMethod } from "@bufbuild/protobuf";

const seen = new Map<string, Set<string>>();

/** Remembers that a method was seen to refuse for a reason. */
export function noteRefusal(method: DescMethod, reason: string | undefined): void {
  if (reason !== undefined) {
    const name = `${method.parent.typeName}/${method.name}`;
    seen.set(name, (seen.get(name) ?? new Set()).add(reason));
  }
}

/** The reasons for which a method was seen to refuse in this run. */
export function refusalsSeen(method: string): ReadonlySet<string> {
  return seen.get(method) ?? new Set();
}
