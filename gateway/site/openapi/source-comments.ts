import { readFileSync } from "node:fs";
import { type DescFile, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** The comments of a file by the paths of their declarations. */
type Comments = ReadonlyMap<string, string>;

let known: ReadonlyMap<string, Comments> | undefined;

/** The comments above the declarations of a contract, by their paths in source_code_info, such as `6.0.2.1`. */
export function sourceComments(file: DescFile): Comments {
  known ??= readComments();
  return known.get(file.proto.name) ?? new Map();
}

// Services load the contracts without them, which is a third of the size.
function readComments(): ReadonlyMap<string, Comments> {
  const image = readFileSync(new URL("../../../gen/comments.binpb", import.meta.url));
  return new Map(
    fromBinary(FileDescriptorSetSchema, image).file.map(({ name, sourceCodeInfo }) => [
      name,
      new Map(
        (sourceCodeInfo?.location ?? [])
          .filter(({ leadingComments }) => leadingComments !== "")
          .map(({ path, leadingComments }) => [path.join("."), leadingComments]),
      ),
    ]),
  );
}
