import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescMessage,
  DescMethod,
  DescService,
} from "@bufbuild/protobuf";
import { sourceComments } from "./source-comments.ts";

type Commented = DescMessage | DescEnum | DescEnumValue | DescField | DescMethod | DescService;

/** The comment of a declaration in a contract. */
interface Comment {
  /** Without the list of refusals. */
  text: string;
  /** The reasons after `Refuses:`. */
  refuses: string[];
}

/** Reads the comment above a declaration; empty if there is none. */
export function readComment(desc: Commented): Comment {
  const file = "file" in desc ? desc.file : desc.parent.file;
  const lines = sourceComments(file).get(findPath(desc).join("."))?.split("\n") ?? [];
  const text = lines
    .map(line => line.trim())
    .join(" ")
    .trim();
  const refusal = /\bRefuses: ([A-Z_,\s]+)\.\s*$/.exec(text);
  if (!refusal) {
    return { text, refuses: [] };
  }
  return { text: text.slice(0, refusal.index).trim(), refuses: refusal[1]?.split(/,\s*/) ?? [] };
}

/** The path of a declaration in source_code_info: field numbers of descriptor.proto and indexes. */
function findPath(desc: Commented): number[] {
  switch (desc.kind) {
    case "service":
      return [6, desc.file.services.indexOf(desc)];
    case "rpc":
      return [...findPath(desc.parent), 2, desc.parent.methods.indexOf(desc)];
    case "message":
      if (desc.parent) {
        return [...findPath(desc.parent), 3, desc.parent.proto.nestedType.indexOf(desc.proto)];
      }
      return [4, desc.file.proto.messageType.indexOf(desc.proto)];
    case "field":
      return [...findPath(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)];
    case "enum":
      if (desc.parent) {
        return [...findPath(desc.parent), 4, desc.parent.proto.enumType.indexOf(desc.proto)];
      }
      return [5, desc.file.proto.enumType.indexOf(desc.proto)];
    case "enum_value":
      return [...findPath(desc.parent), 2, desc.parent.proto.value.indexOf(desc.proto)];
  }
}
