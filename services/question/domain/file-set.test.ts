import { expect } from "chai";
import fc from "fast-check";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { fileOf, missingFiles, type StoredFile, withFile } from "./file-set.ts";

const kinds = [FileKind.QUESTION, FileKind.EXPLANATION, FileKind.PREVIEW, FileKind.THUMBNAIL];
const files: fc.Arbitrary<StoredFile> = fc.record({
  kind: fc.constantFrom(...kinds),
  key: fc.uuid(),
  contentType: fc.constant("application/pdf"),
  sizeBytes: fc.nat(),
});

describe("the files of a question", () => {
  it("hold the latest of each kind", () => {
    fc.assert(
      fc.property(fc.array(files), added => {
        const set = added.reduce(withFile, [] as readonly StoredFile[]);
        for (const kind of kinds) {
          expect(fileOf(set, kind)).to.equal(added.findLast(file => file.kind === kind));
        }
        expect(set.length).to.equal(new Set(added.map(file => file.kind)).size);
      }),
    );
  });

  it("are enough for the store with a question and a preview", () => {
    fc.assert(
      fc.property(fc.array(files), added => {
        const has = (kind: FileKind) => added.some(file => file.kind === kind);
        const missing = [
          ...(has(FileKind.QUESTION) ? [] : ["question"]),
          ...(has(FileKind.PREVIEW) ? [] : ["preview"]),
        ];
        expect(missingFiles(added)).to.deep.equal(missing);
      }),
    );
  });
});
