import { expect } from "chai";
import type { Connection, Model } from "mongoose";
import { type Context, codeOf, connect, failureOf, type History, histories } from "./context.ts";

/** Inserts, updates, replacements and bulk writes. */
export function writes({ connection, uri }: Context): void {
  it("replaces by a string key and inserts if there is none", async () => {
    const model = histories(connection());
    const first = await model.replaceOne(
      { _id: "p1" },
      { userId: 1, version: 1, title: "a" },
      { upsert: true },
    );
    expect(first).to.include({ matchedCount: 0, upsertedCount: 1, upsertedId: "p1" });
    const second = await model.replaceOne({ _id: "p1" }, { userId: 1, version: 2 }, { upsert: true });
    expect(second).to.include({ matchedCount: 1, modifiedCount: 1, upsertedCount: 0 });
    expect(await model.find().lean()).to.deep.equal([{ _id: "p1", userId: 1, version: 2 }]);
  });

  it("applies $set, $setOnInsert, $max, $inc and $unset", async () => {
    const model = histories(connection());
    const change = {
      $set: { version: 1 },
      $setOnInsert: { title: "new" },
      $max: { seen: 5 },
      $inc: { userId: 2 },
    };
    await model.updateOne({ _id: "p1" }, change, { upsert: true });
    await model.updateOne({ _id: "p1" }, { ...change, $setOnInsert: { title: "again" }, $max: { seen: 4 } });
    expect(await model.findById("p1").lean()).to.deep.equal({
      _id: "p1",
      version: 1,
      title: "new",
      seen: 5,
      userId: 4,
    });
    const same = await model.updateOne({ _id: "p1" }, { $set: { version: 1 } });
    expect(same).to.include({ matchedCount: 1, modifiedCount: 0 });
    await model.updateOne({ _id: "p1" }, { $unset: { title: 1, seen: 1 } });
    expect(await model.findById("p1").lean()).to.deep.equal({ _id: "p1", version: 1, userId: 4 });
  });

  it("changes arrays and nested fields", async () => {
    const raw = connection().collection<{ _id: string }>("nested");
    await raw.insertOne({ _id: "n1" });
    await raw.updateOne({ _id: "n1" }, { $set: { "a.b": 1 }, $push: { tags: { $each: ["x", "y"] } } });
    await raw.updateOne({ _id: "n1" }, { $addToSet: { tags: "x" }, $push: { lines: { q: 1, n: [1] } } });
    await raw.updateOne({ _id: "n1" }, { $pull: { tags: "y" }, $set: { "lines.0.q": 2 } });
    expect(await raw.findOne()).to.deep.equal({
      _id: "n1",
      a: { b: 1 },
      tags: ["x"],
      lines: [{ q: 2, n: [1] }],
    });
    expect(await codeOf(raw.updateOne({ _id: "n1" }, { $set: { "tags.z": 1 } }))).to.equal(28);
    expect(await codeOf(raw.updateOne({ _id: "n1" }, { $set: { a: 1, "a.b": 2 } }))).to.equal(40);
    expect(await codeOf(raw.updateOne({ _id: "n1" }, { $inc: { a: 1 } }))).to.equal(14);
    expect(await codeOf(raw.replaceOne({ _id: "n1" }, { _id: "n2" } as object))).to.equal(66);
  });

  it("refuses the loser of a race of conditional upserts with a duplicate key", async () => {
    const model = histories(connection());
    const other = await connect(uri());
    const guarded = (source: Model<History>) =>
      source.updateOne(
        { _id: "p1", version: { $lt: 5 } },
        { $set: { version: 5, userId: 7 } },
        { upsert: true },
      );
    const clients = Array.from({ length: 10 }, (_, at) => (at % 2 ? model : histories(other)));
    const codes = await Promise.all(clients.map(client => codeOf(guarded(client))));
    await other.close();
    expect(codes.filter(code => code === undefined)).to.have.length(1);
    expect(codes.filter(code => code === 11000)).to.have.length(9);
    expect(await model.find().lean()).to.deep.equal([{ _id: "p1", version: 5, userId: 7 }]);
  });

  it("runs a bulk of mixed writes and reports the one that failed", async () => {
    const model = histories(connection());
    const result = await model.bulkWrite([
      { insertOne: { document: { _id: "p1", userId: 1, version: 1 } } },
      { updateOne: { filter: { _id: "p2" }, update: { $set: { userId: 2 } }, upsert: true } },
      { replaceOne: { filter: { _id: "p1" }, replacement: { userId: 3, version: 2 } } },
      { deleteOne: { filter: { _id: "p2" } } },
    ]);
    expect(result).to.include({ insertedCount: 1, upsertedCount: 1, modifiedCount: 1, deletedCount: 1 });
    const documents = ["p0", "p1", "p3"].map(_id => ({ _id, userId: 1, version: 1 }));
    const error = await failureOf(model.collection.insertMany(documents as never[], { ordered: false }));
    expect(error).to.have.property("code", 11000);
    expect(error).to.have.nested.property("writeErrors[0].index", 1);
    expect(await model.distinct("_id")).to.have.members(["p0", "p1", "p3"]);
  });

  it("counts the increments of two clients", async () => {
    const other = await connect(uri());
    await connection().collection("counters").insertOne({ name: "sum", n: 0 });
    const count = (client: Connection) =>
      client
        .collection("counters")
        .findOneAndUpdate({ name: "sum" }, { $inc: { n: 1 } }, { returnDocument: "after" });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => count(at % 2 ? other : connection())),
    );
    await other.close();
    expect(new Set(answers.map(answer => answer?.n)).size).to.equal(100);
    expect(await connection().collection("counters").findOne()).to.include({ n: 100 });
  });
}
