import { expect } from "chai";
import fc from "fast-check";
import { differenceOf, type FoundFile, headBytes } from "#kit/files/file-spec.ts";

const heads: Readonly<Record<string, readonly number[]>> = {
  "application/pdf": [...Buffer.from("%PDF-1.7")],
  "image/png": [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  "image/jpeg": [0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46],
};
const contentTypes = fc.constantFrom(...Object.keys(heads));
const sizes = fc.integer({ min: headBytes, max: 20 * 1024 * 1024 });

describe("an uploaded file", () => {
  it("is accepted when size, type and first bytes are as specified", () => {
    fc.assert(
      fc.property(contentTypes, sizes, (contentType, sizeBytes) => {
        expect(differenceOf({ contentType, sizeBytes }, genuine(contentType, sizeBytes))).to.equal(undefined);
      }),
    );
  });

  it("is refused for its size first, then for its type", () => {
    fc.assert(
      fc.property(contentTypes, sizes, sizes, contentTypes, (contentType, sizeBytes, size, type) => {
        const difference = differenceOf({ contentType, sizeBytes }, genuine(type, size));
        expect(difference).to.equal(size !== sizeBytes ? "size" : type !== contentType ? "type" : undefined);
      }),
    );
  });

  it("is refused when one of its first bytes differs, or when it is truncated", () => {
    fc.assert(
      fc.property(contentTypes, fc.nat(2), fc.integer({ min: 1, max: 255 }), (contentType, index, change) => {
        const found = genuine(contentType, 100);
        const head = found.head.map((byte, at) => (at === index ? byte ^ change : byte));
        const spec = { contentType, sizeBytes: 100 };
        expect(differenceOf(spec, { ...found, head })).to.equal("content");
        expect(differenceOf(spec, { ...found, head: found.head.subarray(0, index) })).to.equal("content");
      }),
    );
  });

  it("is never accepted with an unsupported type", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.uint8Array({ minLength: headBytes, maxLength: headBytes }),
        (type, head) => {
          fc.pre(!(type in heads));
          const found = { contentType: type, sizeBytes: 100, head };
          expect(differenceOf({ contentType: type, sizeBytes: 100 }, found)).not.to.equal(undefined);
        },
      ),
    );
  });
});

function genuine(contentType: string, sizeBytes: number): FoundFile {
  return { contentType, sizeBytes, head: Uint8Array.from(heads[contentType] ?? []) };
}
