import type { DescMethod } from "@bufbuild/protobuf";
import { sourceComments } from "#gateway/site/openapi/source-comments.ts";

/** The reasons that the comment of a method lists after `Refuses:`. */
export function refusalsOf({ parent, name }: DescMethod): string[] {
  const { service: services } = parent.file.proto;
  const service = services.findIndex(proto => proto.name === parent.name);
  const index = services[service]?.method.findIndex(method => method.name === name);
  const comment = sourceComments(parent.file).get([6, service, 2, index].join("."));
  const named = /Refuses:([^.]*)\./.exec(comment ?? "")?.[1] ?? "";
  return named
    .split(",")
    .map(reason => reason.trim())
    .filter(reason => reason !== "");
}
