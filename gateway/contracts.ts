import { readFileSync } from "node:fs";
import { createFileRegistry, type DescService, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** Every contract with its source comments, as `npm run gen` wrote them. */
export const contracts: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(new URL("../gen/contracts.binpb", import.meta.url))),
);

/** The proto services of all `questioncloud.<service>.v1` packages, sorted by name. */
export const protoServices: DescService[] = [...contracts.files]
  .filter(file => /^questioncloud\.[a-z]+\.v1$/.test(file.proto.package))
  .flatMap(file => file.services)
  .sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
