import {
  createFileRegistry,
  createRegistry,
  type DescMessage,
  fromJson,
  type JsonObject,
} from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import {
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate as validateFile } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { file_questioncloud_options_v1_text as textFile } from "#gen/questioncloud/options/v1/text_pb.ts";

const wkt = [file_google_protobuf_any, file_google_protobuf_struct, file_google_protobuf_wrappers];

const string = (rules: JsonObject) => ({ options: { "[buf.validate.field]": { string: rules } } });
const items = (rules: JsonObject) => ({
  options: { "[buf.validate.field]": { repeated: { items: { string: rules } } } },
});
const textRule = "[questioncloud.options.v1.text]";
const message = (typeName: string) => ({ type: "TYPE_MESSAGE", typeName: `.${typeName}` });
const own = message("sample.Sample");
const stringValue = message("google.protobuf.StringValue");
const repeated = { label: "LABEL_REPEATED" };
const choice = { oneofIndex: 0 };

const fields: Record<string, JsonObject> = {
  id: string({ uuid: true }),
  email: string({ email: true }),
  password: string({ [textRule]: "TEXT_PASSWORD" }),
  code: string({ [textRule]: "TEXT_CODE" }),
  line: string({ [textRule]: "TEXT_SINGLE_LINE" }),
  plain: {},
  ids: { ...repeated, ...items({ uuid: true }) },
  lines: repeated,
  labels: { ...repeated, ...message("sample.Sample.LabelsEntry") },
  children: { ...repeated, ...message("sample.Sample.ChildrenEntry") },
  chosen_id: { ...choice, ...string({ uuid: true }) },
  chosen: { ...choice, ...own },
  chosen_text: { ...choice, ...stringValue },
  wrapped_id: { ...stringValue, ...string({ uuid: true }) },
  texts: { ...repeated, ...stringValue },
  object: message("google.protobuf.Struct"),
  any: message("google.protobuf.Any"),
  child: own,
  list: { ...repeated, ...own },
  number: { type: "TYPE_INT64" },
  bytes: { type: "TYPE_BYTES" },
};

const entry = (name: string, value: JsonObject) => ({
  name,
  options: { mapEntry: true },
  field: declare({ key: {}, value }),
});

function declare(declarations: Record<string, JsonObject>): JsonObject[] {
  return Object.entries(declarations).map(([name, declaration], index) => ({
    name,
    jsonName: protoCamelCase(name),
    number: index + 1,
    label: "LABEL_OPTIONAL",
    type: "TYPE_STRING",
    ...declaration,
  }));
}

const set = fromJson(
  FileDescriptorSetSchema,
  {
    file: [
      {
        name: "sample.proto",
        package: "sample",
        syntax: "proto3",
        dependency: wkt.map(({ proto }) => proto.name),
        messageType: [
          {
            name: "Sample",
            field: declare(fields),
            oneofDecl: [{ name: "choice" }],
            nestedType: [entry("LabelsEntry", {}), entry("ChildrenEntry", own)],
          },
        ],
      },
    ],
  },
  { registry: createRegistry(validateFile, textFile) },
);
set.file.unshift(...wkt.map(({ proto }) => proto));

/** A message with text in every place where a message can have it. */
export const SampleSchema = createFileRegistry(set).getMessage("sample.Sample") as DescMessage;
