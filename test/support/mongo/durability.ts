import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import type { Connection } from "mongoose";
import { Collection } from "#dev/sim/mongo/collection.ts";
import { planScan } from "#dev/sim/mongo/plan.ts";
import { startMongo } from "#dev/sim/mongo/server.ts";
import { root } from "#dev/stack/root.ts";
import { connect, failureOf, histories, temporaryDirectory } from "./context.ts";

const mainFile = join(root, "dev/sim/mongo/main.ts");

/** What the simulator still has after restarts, torn writes and kills. */
export function durability(): void {
  it("has all acknowledged writes after a restart, and lets one process use a directory", async () => {
    const dataDir = await temporaryDirectory();
    const first = await startMongo({ dataDir });
    const connection = await connect(first.uri);
    const model = histories(connection);
    await model.createIndexes();
    await model.insertMany(["p1", "p2", "p3"].map(_id => ({ _id, userId: 1, version: 1 })));
    await model.updateOne({ _id: "p2" }, { $set: { version: 2 } });
    await model.deleteOne({ _id: "p3" });
    expect(await failureOf(startMongo({ dataDir }))).to.match(/in use/);
    await connection.close();
    await first.stop();
    await appendFile(join(dataDir, "mongo.log"), Buffer.from([200, 0, 0, 0, 1, 2, 3]));
    for (const _ of ["torn", "compacted"]) {
      await withServer({ dataDir }, async again => {
        const found = await histories(again).find().sort({ _id: 1 }).lean();
        expect(found.map(({ _id, version }) => [_id, version])).to.deep.equal([
          ["p1", 1],
          ["p2", 2],
        ]);
        expect(await histories(again).listIndexes()).to.have.length(2);
      });
    }
  });

  it("accepts a zeroed tail but no corruption before it", async () => {
    const dataDir = await temporaryDirectory();
    const path = join(dataDir, "mongo.log");
    await withServer({ dataDir }, async connection => {
      const documents = ["p1", "p2"].map(_id => ({ _id, userId: 1, version: 1 }));
      await histories(connection).insertMany(documents);
    });
    await appendFile(path, Buffer.alloc(4096));
    await withServer({ dataDir }, async connection => {
      expect(await histories(connection).countDocuments()).to.equal(2);
    });
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    await writeFile(path, bytes);
    for (const _ of ["first", "again"]) {
      expect(await failureOf(startMongo({ dataDir }))).to.match(/corrupt/);
    }
  });

  it("stops on SIGTERM while clients are connected", async () => {
    const { child, uri } = await spawnServer(mainFile, ["--data", await temporaryDirectory()]);
    const connection = await connect(uri);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).to.deep.equal([0, null]);
    await connection.close();
  });

  it("scans the documents of one user only, in the order of the index", () => {
    const collection = new Collection("shop.histories");
    collection.addIndex({
      name: "by user",
      key: [
        ["userId", 1],
        ["_id", -1],
      ],
      unique: false,
    });
    for (let at = 0; at < 5000; at++) {
      collection.insert({ _id: at, userId: at % 50 });
    }
    const scan = planScan(collection, { userId: 7, _id: { $lt: 1000 } }, [["_id", -1]]);
    expect(scan.sorted).to.equal(true);
    expect([...scan.entries].map(({ document }) => document._id)).to.deep.equal(
      Array.from({ length: 20 }, (_, at) => 957 - 50 * at),
    );
  });

  it("has all acknowledged writes after it was killed", async () => {
    const dataDir = await temporaryDirectory();
    const { child, uri } = await spawnServer(mainFile, ["--data", dataDir]);
    const connection = await connect(uri);
    const model = histories(connection);
    const acknowledged: string[] = [];
    const write = async (writer: number) => {
      for (let at = 0; ; at++) {
        const _id = `${writer}-${at}`;
        await model.updateOne({ _id }, { $set: { userId: writer, version: at } }, { upsert: true });
        if (acknowledged.push(_id) === 300) {
          child.kill("SIGKILL");
        }
      }
    };
    await Promise.allSettled(Array.from({ length: 8 }, (_, writer) => write(writer)));
    if (child.exitCode === null && child.signalCode === null) {
      await once(child, "exit");
    }
    await connection.close();
    expect(acknowledged.length).to.be.at.least(300);
    await withServer({ dataDir }, async again => {
      const found = new Set((await histories(again).find().lean()).map(({ _id }) => _id));
      expect(acknowledged.filter(_id => !found.has(_id))).to.deep.equal([]);
    });
  });
}

export async function withServer(
  target: { dataDir: string | undefined },
  use: (connection: Connection) => Promise<void>,
): Promise<void> {
  const server = await startMongo(target);
  const connection = await connect(server.uri);
  try {
    await use(connection);
  } finally {
    await connection.close();
    await server.stop();
  }
}

async function spawnServer(file: string, args: string[]): Promise<{ child: ChildProcess; uri: string }> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, uri: line.slice(line.indexOf("mongodb://")) };
}
