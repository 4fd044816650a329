import { expect } from "chai";
import mongoose from "mongoose";
import { codeOf, failureOf } from "./context.ts";
import { withServer } from "./durability.ts";

const { Decimal128, Long } = mongoose.mongo;

/** What the simulator does not implement is refused and changes nothing. */
export function refusals(): void {
  it("refuses transactions", () =>
    withServer({ dataDir: undefined }, async connection => {
      const raw = connection.collection<{ _id: string }>("refused");
      const transaction = connection.transaction(session => raw.insertOne({ _id: "t" }, { session }));
      expect(await failureOf(transaction)).to.be.instanceOf(mongoose.mongo.MongoServerError);
      const command = {
        insert: "refused",
        documents: [{ _id: "t" }],
        txnNumber: Long.ONE,
        autocommit: false,
      };
      expect(await codeOf(connection.db?.command(command))).to.equal(20);
      expect(await raw.countDocuments()).to.equal(0);
    }));

  it("refuses what it does not implement", () =>
    withServer({ dataDir: undefined }, async connection => {
      const raw = connection.collection<{ _id: string; n?: unknown; list?: number[] }>("refused");
      await raw.insertOne({ _id: "stored" });
      const attempts: Promise<unknown>[] = [
        raw.insertOne({ _id: "d", n: Decimal128.fromString("1.5") }),
        raw.findOne({ _id: /a/ }),
        raw.findOne({ $where: "true" }),
        raw.findOne({}, { collation: { locale: "ko" } }),
        raw.findOne({}, { projection: { list: { $slice: 1 } } }),
        raw.updateOne({ _id: "a" }, [{ $set: { n: 1 } }], { upsert: true }),
        raw.updateOne({ _id: "a" }, { $set: { "list.$[x]": 1 } }, { arrayFilters: [{ x: 1 }] }),
        raw.updateOne({ _id: "a" }, { $set: { "list.$": 1 } }, { upsert: true }),
        raw.aggregate([{ $lookup: { from: "b", as: "c" } }]).toArray(),
        raw.aggregate([{ $group: { _id: null, n: { $sum: { $add: [1, 2] } } } }]).toArray(),
        raw.createIndex({ n: "text" }),
        raw.createIndex({ n: 1 }, { expireAfterSeconds: 1 }),
        raw.find({}, { tailable: true }).toArray(),
      ];
      const codes = await Promise.all(attempts.map(codeOf));
      expect(
        codes.every(code => code === 115 || code === 40415),
        String(codes),
      ).to.equal(true);
      expect(await raw.find().toArray()).to.deep.equal([{ _id: "stored" }]);
    }));
}
