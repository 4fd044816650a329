import { setTimeout as delay } from "node:timers/promises";
import { create, fromJson, type JsonValue, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Connection, createConnection, Schema, STATES } from "mongoose";
import type { QuestionsPurchased } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { type PurchaseSchema, PurchaseState, QuoteSchema } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import type { Logger } from "#kit/log.ts";

/** A document of the read model: a paid purchase as its event told it. Ids are time-ordered, so that the newest sorts last. */
export interface HistoryDocument {
  readonly _id: string;
  readonly userId: string;
  readonly requestId: string;
  readonly quote: JsonValue;
  readonly createTime: Date;
  readonly payTime: Date;
}

/** The purchase history in MongoDB, a read model that may be rebuilt from the events at any time. */
export interface History {
  /** Rejects while MongoDB is away. */
  requireReady(): Promise<void>;
  /** Writes a purchase; writing it again changes nothing. */
  put(event: QuestionsPurchased): Promise<void>;
  /** A user's purchases by falling id; undefined while MongoDB is away. */
  list(
    userId: bigint,
    beforeId: string | undefined,
    limit: number,
  ): Promise<MessageInitShape<typeof PurchaseSchema>[] | undefined>;
  close(): Promise<void>;
}

const answerWithinMs = 1000;

const connectionOptions = {
  serverSelectionTimeoutMS: answerWithinMs,
  socketTimeoutMS: 5000,
  bufferCommands: false,
  autoCreate: false,
};

const schema = new Schema(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    requestId: { type: String, required: true },
    quote: { type: Object, required: true },
    createTime: { type: Date, required: true },
    payTime: { type: Date, required: true },
  },
  { collection: "purchase_history", versionKey: false, autoIndex: false, minimize: false },
);
schema.index({ userId: 1, _id: -1 });

/** Opens the read model. It may be away now and come back later. */
export async function createHistory(uri: string, log: Logger): Promise<History> {
  const connection = createConnection();
  const documents = connection.model("PurchaseHistory", schema);
  connection.on("error", error => log.warn({ err: error }, "MongoDB is away"));
  connection.once("connected", () => {
    documents
      .createIndexes()
      .catch((error: unknown) => log.warn({ err: error }, "the index of the history could not be made"));
  });
  const close = await keepConnecting(connection, uri);
  return {
    async requireReady() {
      await connection.db?.command({ ping: 1 });
      if (connection.readyState !== STATES.connected) {
        throw new Error("MongoDB is away");
      }
    },
    async put(event) {
      const { _id, ...document } = toDocument(event);
      await documents.replaceOne({ _id }, document, { upsert: true });
    },
    async list(userId, beforeId, limit) {
      if (connection.readyState !== STATES.connected) {
        return undefined;
      }
      try {
        const found = await documents
          .find({ userId: userId.toString(), ...(beforeId === undefined ? {} : { _id: { $lt: beforeId } }) })
          .sort({ _id: -1 })
          .limit(limit)
          .maxTimeMS(answerWithinMs)
          .lean<HistoryDocument[]>();
        return found.map(fromDocument);
      } catch (error) {
        log.warn({ err: error }, "the history is read from MariaDB while MongoDB is away");
        return undefined;
      }
    },
    close,
  };
}

// Mongoose finds a server again that it has lost, but gives up where the first one does not answer. Returns after the first try.
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

/** The document that an event becomes. */
export function toDocument(event: QuestionsPurchased): HistoryDocument {
  const { purchaseId, userId, requestId, quote, createTime, payTime } = event;
  if (createTime === undefined || payTime === undefined) {
    throw new TypeError("the contract requires both times");
  }
  return {
    _id: purchaseId,
    userId: userId.toString(),
    requestId,
    quote: toJson(QuoteSchema, quote ?? create(QuoteSchema)),
    createTime: timestampDate(createTime),
    payTime: timestampDate(payTime),
  };
}

function fromDocument(document: HistoryDocument): MessageInitShape<typeof PurchaseSchema> {
  return {
    purchaseId: document._id,
    requestId: document.requestId,
    state: PurchaseState.PAID,
    quote: fromJson(QuoteSchema, document.quote),
    createTime: timestampFromDate(document.createTime),
    finishTime: timestampFromDate(document.payTime),
  };
}
