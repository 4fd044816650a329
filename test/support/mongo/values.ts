import { expect } from "chai";
import mongoose from "mongoose";
import { type Context, codeOf, connect } from "./context.ts";

// The driver has its own copies of these classes.
const { Long, ObjectId, UUID } = mongoose.mongo;

/** Values of all supported types, which are returned unchanged. */
export function values({ connection, uri }: Context): void {
  it("stores 64-bit integers exactly and finds them by any type of number", async () => {
    const raw = connection().collection("longs");
    await raw.insertOne({ big: Long.MAX_VALUE, small: Long.fromNumber(7) });
    await raw.updateOne({ big: Long.MAX_VALUE }, { $set: { touched: true }, $inc: { small: 1 } });
    expect(await raw.countDocuments({ small: 8, big: { $gt: Long.MAX_VALUE.subtract(1) } })).to.equal(1);
    const { big, small }: Record<string, unknown> = (await raw.findOne({}, { promoteLongs: false })) ?? {};
    expect([big, small].map(value => (value instanceof Long ? value.toString() : value))).to.deep.equal([
      "9223372036854775807",
      "8",
    ]);
    const bigints = await connect(uri(), { useBigInt64: true });
    expect(await bigints.collection("longs").findOne()).to.include({ big: 2n ** 63n - 1n, small: 8n });
    await bigints.close();
  });

  it("stores dates, nested arrays, ids, strings and null", async () => {
    const raw = connection().collection("values");
    const document = {
      _id: new ObjectId(),
      at: new Date("2026-03-01T00:00:00.123Z"),
      lines: [{ title: "수능 국어 😀", prices: [[1, 2.5], []], coupon: null }],
      flags: { on: true, ratio: -0.5, large: 2 ** 40 },
    };
    await raw.insertOne(document);
    expect(await raw.findOne({ at: { $lte: document.at }, "lines.title": "수능 국어 😀" })).to.deep.equal(
      document,
    );
    expect(await raw.countDocuments({ "lines.coupon": null, _id: document._id })).to.equal(1);
    await raw.insertOne({ purchase: new UUID("0198c5a0-0000-7000-8000-000000000001") });
    const found = await raw.findOne({ purchase: new UUID("0198c5a0-0000-7000-8000-000000000001") });
    expect(String(found?.purchase)).to.equal("0198c5a0-0000-7000-8000-000000000001");
  });

  it("answers an unknown command with CommandNotFound", async () => {
    expect(await codeOf(connection().db?.command({ frobnicate: 1 }))).to.equal(59);
  });
}
