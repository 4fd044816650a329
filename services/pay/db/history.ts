import { setTimeout as delay } from "node:timers/promises";
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Connection, createConnection, Schema, STATES } from "mongoose";
import { type QuestionsPurchased, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { PageCursor } from "#kit/data/keyset.ts";
import type { Logger } from "#kit/process/log.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/**
 * A document of the read model: a paid purchase as its event describes it. Ids are time-ordered, so that the newest
 * sorts last.
 */
export interface HistoryDocument {
  readonly _id: string;
  readonly userId: string;
  /** The event, as protobuf JSON. */
  readonly event: JsonValue;
}

/** The purchase history in MongoDB, a read model that may be rebuilt from MariaDB at any time. */
export interface History {
  /** Rejects while MongoDB is unavailable. */
  requireReady(): Promise<void>;
  /** Writes purchases; writing one again changes nothing. */
  put(events: readonly QuestionsPurchased[]): Promise<void>;
  /** The first purchases of a page of a user's, newest first; undefined while MongoDB is unavailable. */
  list(userId: bigint, page: PageCursor): Promise<QuestionsPurchased[] | undefined>;
  close(): Promise<void>;
}

/** The collection of the documents. */
export const historyCollection = "purchase_history";

const answerWithinMs = 1000;

const connectionOptions = {
  serverSelectionTimeoutMS: answerWithinMs,
  connectTimeoutMS: 2000,
  socketTimeoutMS: 5000,
  waitQueueTimeoutMS: answerWithinMs,
  bufferCommands: false,
  autoCreate: false,
};

const schema = new Schema(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    event: { type: Object, required: true },
  },
  { collection: historyCollection, versionKey: false, autoIndex: false, minimize: false },
);
schema.index({ userId: 1, _id: -1 });

/** Opens the read model, which may be unavailable at first. */
export async function createHistory(uri: string, log: Logger): Promise<History> {
  const connection = createConnection();
  const documents = connection.model("PurchaseHistory", schema);
  const outage = createOutageLog(log, "mongodb");
  connection.on("error", outage.failed);
  connection.on("connected", outage.recovered);
  const requireConnected = () => {
    if (connection.readyState !== STATES.connected) {
      throw new Error("MongoDB is not connected");
    }
  };
  const close = await keepConnecting(connection, uri);
  return {
    async requireReady() {
      try {
        await connection.db?.command({ ping: 1 });
        requireConnected();
        outage.recovered();
      } catch (error) {
        outage.failed(error);
        throw error;
      }
    },
    async put(events) {
      const writes = events.map(toDocument).map(document => ({
        replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
      }));
      await documents.bulkWrite(writes, { ordered: false, throwOnValidationError: true });
    },
    async list(userId, { after: [afterId] = [], limit }) {
      const earlier = afterId === undefined ? {} : { _id: { $lt: afterId } };
      try {
        requireConnected();
        const found = await documents
          .find({ userId: userId.toString(), ...earlier })
          .setOptions({ signal: AbortSignal.timeout(answerWithinMs) })
          .sort({ _id: -1 })
          .limit(limit)
          .lean<HistoryDocument[]>();
        outage.recovered();
        return found.map(({ event }) => fromJson(QuestionsPurchasedSchema, event));
      } catch (error) {
        outage.failed(error);
        return undefined;
      }
    },
    close,
  };
}

/** Creates the collection's index; part of the migration, not of the service. */
export async function migrateHistory(uri: string): Promise<void> {
  const connection = await createConnection(uri, connectionOptions).asPromise();
  try {
    await connection.model("PurchaseHistory", schema).createIndexes();
  } finally {
    await connection.close();
  }
}

// Mongoose reconnects to a server that it has lost, but gives up if the first connection fails. Returns after the first
// attempt.
async function keepConnecting(connection: Connection, uri: string): Promise<() => Promise<void>> {
  const closing = new AbortController();
  const connect = () => connection.openUri(uri, connectionOptions).then(Boolean, () => false);
  let connected = await connect();
  const connecting = (async () => {
    while (!connected && !closing.signal.aborted) {
      await delay(answerWithinMs, undefined, { signal: closing.signal }).catch(() => {});
      connected = closing.signal.aborted || (await connect());
    }
  })();
  return async () => {
    closing.abort();
    await connecting;
    await connection.close();
  };
}

/** The document of an event. */
export function toDocument(event: QuestionsPurchased): HistoryDocument {
  return {
    _id: event.purchaseId,
    userId: event.userId.toString(),
    event: toJson(QuestionsPurchasedSchema, event),
  };
}
