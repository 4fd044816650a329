import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mongoose, { type Connection, type Model } from "mongoose";

/** The server under test. */
export type Context = { connection(): Connection; uri(): string };

export type History = { _id: string; userId: number; version: number; seen?: number; title?: string };

const options = { serverSelectionTimeoutMS: 2000, retryWrites: false, autoIndex: false };
const databaseName = `mongo_test_${process.pid}`;

export const connect = (uri: string, more: mongoose.ConnectOptions = {}): Promise<Connection> =>
  mongoose.createConnection(uri, { ...options, dbName: databaseName, ...more }).asPromise();

export function histories(connection: Connection): Model<History> {
  const existing = connection.models.History as Model<History> | undefined;
  if (existing !== undefined) {
    return existing;
  }
  const schema = new mongoose.Schema<History>(
    { _id: String, userId: Number, version: Number, seen: Number, title: String },
    { versionKey: false, collection: "histories" },
  );
  schema.index({ userId: 1, _id: -1 });
  return connection.model<History>("History", schema);
}

export const failureOf = (attempt: Promise<unknown> | undefined): Promise<unknown> =>
  Promise.resolve(attempt).then(
    () => undefined,
    (error: unknown) => error,
  );

export async function codeOf(attempt: Promise<unknown> | undefined): Promise<unknown> {
  const failure = await failureOf(attempt);
  return failure === undefined ? undefined : ((failure as { code?: unknown }).code ?? failure);
}

const directories: string[] = [];

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "mongo-test-"));
  directories.push(directory);
  return directory;
}

after(() => Promise.all(directories.map(directory => rm(directory, { recursive: true, force: true }))));
