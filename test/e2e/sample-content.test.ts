import { crc32, inflateSync } from "node:zlib";
import { expect } from "chai";
import { sampleCoupons } from "#dev/sample/coupons.ts";
import { sampleCreators } from "#dev/sample/people.ts";
import { renderFiles } from "#dev/sample/publish.ts";
import { createSampleQuestions } from "#dev/sample/questions.ts";
import { CouponScope, DiscountKind } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";

const questions = createSampleQuestions("a seed");

describe("the sample data", () => {
  it("is the same for the same seed, down to the files", () => {
    expect(createSampleQuestions("a seed")).to.deep.equal(questions);
    expect(createSampleQuestions("another seed")).not.to.deep.equal(questions);
    const [question] = questions;
    if (question === undefined) {
      throw new Error("there are no questions");
    }
    expect(renderFiles(question)).to.deep.equal(renderFiles(question));
  });

  it("has ten questions of each creator, no two alike, some with a promotion below the price", () => {
    for (const { key, mainSubject } of sampleCreators) {
      const own = questions.filter(question => question.creatorKey === key);
      expect(own).to.have.length(10);
      expect(own.every(({ category }) => category.subject === mainSubject)).to.equal(true);
    }
    expect(new Set(questions.map(({ title }) => title)).size).to.equal(questions.length);
    const promoted = questions.filter(({ promotion }) => promotion !== undefined);
    expect(promoted).not.to.be.empty;
    for (const { promotion, pricePoints } of promoted) {
      expect(Number(promotion?.salePricePoints)).to.be.within(100, Number(pricePoints) - 1);
    }
  });

  it("has a coupon of every kind", () => {
    for (const scope of [CouponScope.LINE, CouponScope.PURCHASE]) {
      for (const kind of [DiscountKind.FIXED, DiscountKind.PERCENT]) {
        expect(sampleCoupons.some(coupon => coupon.scope === scope && coupon.kind === kind)).to.equal(true);
      }
    }
    const targets = sampleCoupons.flatMap(({ target }) => Object.keys(target ?? {}));
    expect(targets).to.have.members(["creatorKey", "questionKey", "category"]);
    expect(sampleCoupons.filter(({ stackable }) => stackable)).to.have.length(1);
    expect(sampleCoupons.filter(({ ended }) => ended)).to.have.length(1);
  });

  it("has files that are what they say", () => {
    for (const { contentType, bytes } of questions.flatMap(renderFiles)) {
      if (contentType === "application/pdf") {
        checkPdf(Buffer.from(bytes).toString("latin1"));
      } else {
        checkPng(Buffer.from(bytes));
      }
    }
  });
});

/** Every entry of the cross-reference table points at its object. */
function checkPdf(file: string): void {
  expect(file).to.match(/^%PDF-1\.4\n/);
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(file)?.[1]);
  expect(file.slice(start, start + 5)).to.equal("xref\n");
  const offsets = [...file.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(match => Number(match[1]));
  expect(offsets).to.have.length(8);
  offsets.forEach((offset, index) => {
    expect(file.slice(offset).startsWith(`${index + 1} 0 obj\n`)).to.equal(true);
  });
}

/** Checks sum and size of every chunk, and that there is a byte for each pixel and each row's filter. */
function checkPng(file: Buffer): void {
  expect(file.subarray(0, 8).toString("latin1")).to.equal("\x89PNG\r\n\x1a\n");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const size = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + size);
    expect(file.readUInt32BE(at + 8 + size)).to.equal(crc32(body));
    chunks.set(body.toString("latin1", 0, 4), body.subarray(4));
    at += 12 + size;
  }
  expect([...chunks.keys()]).to.deep.equal(["IHDR", "PLTE", "IDAT", "IEND"]);
  const [width, height] = [
    chunks.get("IHDR")?.readUInt32BE(0) ?? 0,
    chunks.get("IHDR")?.readUInt32BE(4) ?? 0,
  ];
  expect(inflateSync(chunks.get("IDAT") ?? Buffer.alloc(0))).to.have.length((width + 1) * height);
}
