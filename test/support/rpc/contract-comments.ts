import type { DescMethod } from "@bufbuild/protobuf";
import { contracts } from "#kit/contract/contracts.ts";

/** The reasons that the comment of a method lists after `Refuses:`. */
export function refusalsOf({ parent, name }: DescMethod): string[] {
  const service = contracts.getService(parent.typeName);
  const index = service?.methods.findIndex(method => method.name === name) ?? -1;
  const path = [
    6,
    service?.file.proto.service.findIndex(proto => proto.name === service.name),
    2,
    index,
  ].join(".");
  const location = service?.file.proto.sourceCodeInfo?.location.find(
    candidate => candidate.path.join(".") === path,
  );
  const named = /Refuses:([^.]*)\./.exec(location?.leadingComments ?? "")?.[1] ?? "";
  return named
    .split(",")
    .map(reason => reason.trim())
    .filter(reason => reason !== "");
}
