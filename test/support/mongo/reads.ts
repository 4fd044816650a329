import { expect } from "chai";
import { type Context, codeOf, histories } from "./context.ts";

/** Finds, pages, cursors, counts and pipelines. */
export function reads({ connection }: Context): void {
  it("pages a user's documents by key, newest first", async () => {
    const model = histories(connection());
    await model.createIndexes();
    const documents = Array.from({ length: 90 }, (_, at) => ({ _id: key(at), userId: at % 2, version: at }));
    await model.insertMany(documents);
    const pages: string[][] = [];
    for (let last = "~"; pages.at(-1)?.length !== 5; last = pages.at(-1)?.at(-1) ?? "") {
      const page = await model
        .find({ userId: 1, _id: { $lt: last } })
        .sort({ _id: -1 })
        .limit(20)
        .lean();
      pages.push(page.map(({ _id }) => _id));
    }
    expect(pages.map(page => page.length)).to.deep.equal([20, 20, 5]);
    const mine = documents.filter(({ userId }) => userId === 1).map(({ _id }) => _id);
    expect(pages.flat()).to.deep.equal(mine.reverse());
  });

  it("filters, projects, skips, counts and sums", async () => {
    const model = histories(connection());
    await model.insertMany(
      Array.from({ length: 10 }, (_, at) => ({ _id: key(at), userId: at % 3, version: at })),
    );
    const filter = { $or: [{ userId: { $in: [0, 2] } }, { _id: key(1) }], version: { $gte: 1, $ne: 9 } };
    expect(await model.countDocuments(filter)).to.equal(6);
    expect(await model.countDocuments({ title: { $exists: false }, userId: { $not: { $gt: 0 } } })).to.equal(
      4,
    );
    const found = await model
      .find(filter)
      .sort({ userId: 1, _id: -1 })
      .skip(1)
      .limit(2)
      .select({ version: 1, _id: 0 })
      .lean();
    expect(found).to.deep.equal([{ version: 3 }, { version: 1 }]);
    expect(await model.distinct("userId", { version: { $lt: 2 } })).to.have.members([0, 1]);
    expect(await model.estimatedDocumentCount()).to.equal(10);
    const groups = await model.aggregate([
      { $match: { version: { $lt: 6 } } },
      { $group: { _id: "$userId", total: { $sum: "$version" }, last: { $max: "$_id" } } },
      { $sort: { _id: -1 } },
    ]);
    expect(groups[0]).to.deep.equal({ _id: 2, total: 7, last: key(5) });
  });

  it("reads many batches from a cursor, and closes one early", async () => {
    const model = histories(connection());
    await model.insertMany(
      Array.from({ length: 350 }, (_, at) => ({ _id: key(at), userId: 1, version: at })),
    );
    const seen: string[] = [];
    for await (const { _id } of model.find().sort({ _id: 1 }).batchSize(40).lean().cursor()) {
      seen.push(_id);
    }
    expect(seen).to.deep.equal(Array.from({ length: 350 }, (_, at) => key(at)));
    const cursor = model.collection.find({}, { batchSize: 2 });
    await cursor.next();
    const { id } = cursor;
    await cursor.close();
    expect(await codeOf(connection().db?.command({ getMore: id, collection: "histories" }))).to.equal(43);
  });

  it("finds and changes one document", async () => {
    const model = histories(connection());
    const change = { $set: { userId: 1 }, $inc: { version: 1 } };
    expect(await model.findOneAndUpdate({ _id: "p1" }, change).lean()).to.equal(null);
    const inserted = await model
      .findOneAndUpdate({ _id: "p1" }, change, { upsert: true, returnDocument: "after" })
      .lean();
    expect(inserted).to.deep.equal({ _id: "p1", userId: 1, version: 1 });
    expect(await model.findOneAndUpdate({ _id: "p1" }, change).lean()).to.include({ version: 1 });
    expect(await model.findOneAndDelete({ userId: 1 }).sort({ _id: -1 }).lean()).to.include({ version: 2 });
    expect(await model.deleteMany({})).to.include({ deletedCount: 0 });
  });
}

const key = (at: number): string => `p${String(at).padStart(4, "0")}`;
