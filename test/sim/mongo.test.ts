import type { Connection } from "mongoose";
import { startMongo } from "#dev/sim/mongo/server.ts";
import { connect, temporaryDirectory } from "../support/mongo/context.ts";
import { durability } from "../support/mongo/durability.ts";
import { indexes } from "../support/mongo/indexes.ts";
import { reads } from "../support/mongo/reads.ts";
import { realServer, type Target } from "../support/mongo/real-server.ts";
import { refusals } from "../support/mongo/refusals.ts";
import { values } from "../support/mongo/values.ts";
import { writes } from "../support/mongo/writes.ts";

describe("MongoDB", () => {
  describe("simulator", () => {
    conforms(async () => startMongo({ dataDir: await temporaryDirectory() }));
    refusals();
    durability();
  });
  const real = realServer();
  if (real !== undefined) {
    describe("real mongod", () => conforms(real));
  }
});

function conforms(start: () => Promise<Target>): void {
  let target: Target;
  let connection: Connection;
  before(async () => {
    target = await start();
    connection = await connect(target.uri);
  });
  beforeEach(() => connection.dropDatabase());
  after(async () => {
    await connection.dropDatabase();
    await connection.close();
    await target.stop();
  });
  const context = { connection: () => connection, uri: () => target.uri };
  describe("writes", () => writes(context));
  describe("indexes", () => indexes(context));
  describe("reads", () => reads(context));
  describe("values", () => values(context));
}
