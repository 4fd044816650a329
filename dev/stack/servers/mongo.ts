import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mongo } from "mongoose";
import { findBinary } from "./binary.ts";
import { startProcess } from "./process.ts";
import { type BackingServer, externalServer, localServer, type ServerOptions } from "./server.ts";

const connectWithinMs = 1_000;
const simulator = fileURLToPath(new URL("../../sim/mongo/main.ts", import.meta.url));

/**
 * MongoDB: `MONGODB_URI`, a private `mongod` if one is installed, otherwise the simulator. Data stays in
 * `<dir>/mongo`, separately for both.
 */
export async function startMongo(options: ServerOptions): Promise<BackingServer> {
  const { port, log, env = process.env } = options;
  if (env.MONGODB_URI) {
    return externalServer(env.MONGODB_URI);
  }
  const dir = join(options.dir, "mongo");
  const mongod = findBinary(["mongod"], env);
  const data = join(dir, mongod ? "mongod" : "simulated");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const url = `mongodb://127.0.0.1:${port}`;
  const command = mongod
    ? {
        command: mongod,
        args: ["--dbpath", data, "--port", String(port), "--bind_ip", "127.0.0.1", "--nounixsocket"],
      }
    : { command: process.execPath, args: [simulator, "--port", String(port), "--data", data] };
  const server = await startProcess({ name: "mongo", ...command, dir, ready: () => answers(url), log });
  return localServer(url, server);
}

async function answers(url: string): Promise<boolean> {
  const client = new mongo.MongoClient(url, { serverSelectionTimeoutMS: connectWithinMs });
  try {
    await client.db("admin").command({ ping: 1 });
    return true;
  } finally {
    await client.close();
  }
}
