import { expect } from "chai";
import fc from "fast-check";
import mongoose from "mongoose";
import { type Context, codeOf, failureOf, histories } from "./context.ts";

type Keyed = { _id: string; userId?: unknown };

/** Unique keys, commands for collections and indexes, and finds whose results do not depend on an index. */
export function indexes({ connection }: Context): void {
  it("enforces a unique index and reports the key", async () => {
    const raw = connection().collection("codes");
    await raw.createIndex({ userId: 1, code: 1 }, { unique: true });
    await raw.insertMany([
      { userId: 1, code: "a" },
      { userId: 2, code: "a" },
    ]);
    const error = await failureOf(raw.insertOne({ userId: 1, code: "a" }));
    expect(error).to.deep.include({
      code: 11000,
      keyPattern: { userId: 1, code: 1 },
      keyValue: { userId: 1, code: "a" },
    });
    expect(await codeOf(raw.updateOne({ userId: 2 }, { $set: { userId: 1 } }))).to.equal(11000);
    expect(await raw.countDocuments({ userId: 1 })).to.equal(1);
    expect(await codeOf(raw.createIndex({ code: 1 }, { unique: true }))).to.equal(11000);
  });

  it("lists, recreates and drops indexes and collections", async () => {
    const model = histories(connection());
    await model.createCollection();
    await model.createIndexes();
    await model.createIndexes();
    expect((await model.listIndexes()).map(({ name }) => name)).to.deep.equal(["_id_", "userId_1__id_-1"]);
    await model.collection.dropIndex("userId_1__id_-1");
    expect(await codeOf(model.collection.dropIndex("userId_1__id_-1"))).to.equal(27);
    expect((await connection().listCollections()).map(({ name }) => name)).to.deep.equal(["histories"]);
    await model.collection.drop();
    expect(await connection().listCollections()).to.deep.equal([]);
  });

  it("gives the same answers with and without an index after any writes", async () => {
    const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const userId = fc.constantFrom<unknown>(1, 2, null, "1", mongoose.mongo.Long.fromNumber(2), [1, 2]);
    const write = fc.record({ id, userId, remove: fc.boolean() });
    const bound = fc.constantFrom("$lt", "$lte", "$gt", "$gte", "$ne");
    const direction = fc.constantFrom<1 | -1>(1, -1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 1 }),
        userId,
        bound,
        id,
        direction,
        async (list, user, op, edge, way) => {
          const [plain, indexed] = [
            connection().collection<Keyed>("plain"),
            connection().collection<Keyed>("indexed"),
          ];
          await Promise.all([plain.deleteMany({}), indexed.deleteMany({})]);
          await indexed.createIndex({ userId: 1, _id: -1 });
          const bulk = list.map(({ id: _id, userId, remove }) =>
            remove
              ? { deleteOne: { filter: { _id } } }
              : { replaceOne: { filter: { _id }, replacement: { userId }, upsert: true } },
          );
          const page = (from: typeof plain) =>
            from
              .find({ userId: user, _id: { [op]: edge } })
              .sort({ _id: way })
              .toArray();
          await Promise.all([plain.bulkWrite(bulk), indexed.bulkWrite(bulk)]);
          expect(await page(indexed)).to.deep.equal(await page(plain));
        },
      ),
      { numRuns: 40 },
    );
  });
}
