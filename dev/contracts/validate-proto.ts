import { mkdirSync, writeFileSync } from "node:fs";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate as file } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

// buf needs the source of buf/validate/validate.proto to resolve the rules in our contracts, but
// @bufbuild/protovalidate ships it in compiled form only. This prints the names and numbers from that form; the
// options of the rules themselves stay in the package.

const directory = new URL("../../.cache/proto/buf/validate/", import.meta.url);
mkdirSync(directory, { recursive: true });
writeFileSync(new URL("validate.proto", directory), printFile());

function printFile(): string {
  const { proto } = file;
  return [
    `syntax = "proto2";`,
    `package ${proto.package};`,
    ...proto.dependency.map(name => `import "${name}";`),
    ...proto.extension.map(field => `extend ${field.extendee} { ${printField(field, "optional")} }`),
    ...proto.messageType.map(printMessage),
    ...proto.enumType.map(printEnum),
    "",
  ].join("\n");
}

function printMessage(message: DescriptorProto): string {
  const fields = message.field
    .filter(field => !inOneof(field))
    .map(field => printField(field, Label[field.label]?.toLowerCase()));
  const oneofs = message.oneofDecl.map((oneof, index) => {
    const members = message.field.filter(field => inOneof(field) && field.oneofIndex === index);
    return `oneof ${oneof.name} { ${members.map(field => printField(field)).join(" ")} }`;
  });
  const ranges = message.extensionRange.map(range => `extensions ${range.start} to ${printEnd(range.end)};`);
  return `message ${message.name} { ${[...fields, ...oneofs, ...ranges].join(" ")} }`;
}

function inOneof(field: FieldDescriptorProto): boolean {
  return Object.hasOwn(field, "oneofIndex");
}

function printField(field: FieldDescriptorProto, label?: string): string {
  const type = field.typeName || Type[field.type]?.toLowerCase();
  return `${label ?? ""} ${type} ${field.name} = ${field.number};`;
}

function printEnum(declaration: EnumDescriptorProto): string {
  const values = declaration.value.map(value => `${value.name} = ${value.number};`);
  return `enum ${declaration.name} { ${values.join(" ")} }`;
}

function printEnd(end: number): string {
  return end === 536_870_912 ? "max" : String(end - 1);
}
