import {
  create,
  type DescEnum,
  type DescExtension,
  type DescFile,
  type DescMessage,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type Server, type ServerDuplexStream, status } from "@grpc/grpc-js";
import {
  ServerReflectionRequestSchema as RequestSchema,
  ServerReflectionResponseSchema as ResponseSchema,
  type ServerReflectionRequest,
} from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { contracts } from "#kit/contract/contracts.ts";

type Response = MessageShape<typeof ResponseSchema>;
type Answer = NonNullable<MessageInitShape<typeof ResponseSchema>["messageResponse"]>;

/** Answers reflection about these proto services, with the files of the contracts as they are. */
export function addReflection(server: Server, services: readonly string[]): void {
  const listed = [...services, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];
  const talk = (stream: ServerDuplexStream<ServerReflectionRequest, Response>) => {
    stream.on("data", (request: ServerReflectionRequest) => {
      const messageResponse = answer(request, listed);
      stream.write(
        create(ResponseSchema, { validHost: request.host, originalRequest: request, messageResponse }),
      );
    });
    stream.on("end", () => stream.end());
  };
  // Older clients know the first version alone, whose messages are the same.
  for (const version of ["v1", "v1alpha"]) {
    server.addService({ ServerReflectionInfo: definitionOf(version) }, { ServerReflectionInfo: talk });
  }
}

function definitionOf(version: string) {
  return {
    path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    requestStream: true,
    responseStream: true,
    requestSerialize: (request: ServerReflectionRequest) => Buffer.from(toBinary(RequestSchema, request)),
    requestDeserialize: (bytes: Buffer) => fromBinary(RequestSchema, bytes),
    responseSerialize: (response: Response) => Buffer.from(toBinary(ResponseSchema, response)),
    responseDeserialize: (bytes: Buffer) => fromBinary(ResponseSchema, bytes),
  };
}

function answer(
  { messageRequest: { case: kind, value } }: ServerReflectionRequest,
  listed: string[],
): Answer {
  switch (kind) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: listed.map(name => ({ name })) } };
    case "fileByFilename":
      return files(contracts.getFile(value), value);
    case "fileContainingSymbol":
      return files(fileOfSymbol(value), value);
    case "fileContainingExtension":
      return files(
        extensionsOf(value.containingType).find(({ number }) => number === value.extensionNumber)?.file,
        `extension ${value.extensionNumber} of ${value.containingType}`,
      );
    case "allExtensionNumbersOfType":
      return contracts.getMessage(value) === undefined
        ? notFound(value)
        : {
            case: "allExtensionNumbersResponse",
            value: { baseTypeName: value, extensionNumber: extensionsOf(value).map(({ number }) => number) },
          };
    default:
      return failed(status.INVALID_ARGUMENT, "the request asks for nothing");
  }
}

/** The file that declares a type, or a member of one: a method, a field, a oneof or an enum value. */
function fileOfSymbol(symbol: string): DescFile | undefined {
  return (contracts.get(symbol) ?? [...contracts].find(type => membersOf(type).includes(symbol)))?.file;
}

function membersOf(type: DescMessage | DescEnum | DescExtension | DescService): string[] {
  switch (type.kind) {
    case "message":
      return [...type.fields, ...type.oneofs].map(({ name }) => `${type.typeName}.${name}`);
    case "service":
      return type.methods.map(({ name }) => `${type.typeName}.${name}`);
    case "enum":
      // The values of an enum are its siblings.
      return type.values.map(({ name }) => type.typeName.replace(/\w+$/, name));
    case "extension":
      return [];
  }
}

function extensionsOf(typeName: string) {
  return [...contracts].flatMap(type =>
    type.kind === "extension" && type.extendee.typeName === typeName ? [type] : [],
  );
}

/** A file, then all that it imports, importers first. */
function files(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) {
    return notFound(asked);
  }
  const importedFirst = new Set<DescFile>();
  const add = (each: DescFile) => {
    if (!importedFirst.has(each)) {
      each.dependencies.forEach(add);
      importedFirst.add(each);
    }
  };
  add(file);
  const fileDescriptorProto = [...importedFirst]
    .reverse()
    .map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(asked: string): Answer {
  return failed(status.NOT_FOUND, `${asked} is not in the contracts`);
}

function failed(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
