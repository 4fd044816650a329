import {
  create,
  type DescFile,
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

/** The file that declares a type, or a member of one: a method, a field or an enum value. */
function fileOfSymbol(symbol: string): DescFile | undefined {
  const found = contracts.get(symbol) ?? contracts.get(symbol.slice(0, symbol.lastIndexOf(".")));
  if (found !== undefined) {
    return found.file;
  }
  // The values of an enum are siblings of the enum.
  return [...contracts].find(
    type =>
      type.kind === "enum" && type.values.some(value => `${scopeOf(type.typeName)}.${value.name}` === symbol),
  )?.file;
}

function scopeOf(typeName: string): string {
  return typeName.slice(0, typeName.lastIndexOf("."));
}

function extensionsOf(typeName: string) {
  return [...contracts].flatMap(type =>
    type.kind === "extension" && type.extendee.typeName === typeName ? [type] : [],
  );
}

/** A file, then all that it imports. */
function files(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) {
    return notFound(asked);
  }
  const needed = new Set<DescFile>();
  const add = (each: DescFile) => {
    if (!needed.has(each)) {
      needed.add(each);
      each.dependencies.forEach(add);
    }
  };
  add(file);
  const fileDescriptorProto = [...needed].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(asked: string): Answer {
  return failed(status.NOT_FOUND, `${asked} is not in the contracts`);
}

function failed(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
