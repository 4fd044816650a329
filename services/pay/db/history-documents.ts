import { createConnection } from "mongoose";
import { type HistoryDocument, historyCollection } from "./history.ts";

/** The documents of the purchase history, as they are stored, for commands. */
export interface HistoryDocuments {
  /** Writes documents; writing one again changes nothing. */
  put(documents: readonly HistoryDocument[]): Promise<void>;
  remove(purchaseIds: readonly string[]): Promise<void>;
  find(purchaseIds: readonly string[]): Promise<ReadonlyMap<string, HistoryDocument>>;
  /** The ids of all documents, in pages. */
  readIds(): AsyncIterable<string[]>;
  close(): Promise<void>;
}

const connectionOptions = {
  serverSelectionTimeoutMS: 5000,
  connectTimeoutMS: 5000,
  socketTimeoutMS: 60_000,
  waitQueueTimeoutMS: 5000,
};
const pageDocuments = 500;

/** Opens the purchase history, to read all of it. */
export async function openHistoryDocuments(uri: string): Promise<HistoryDocuments> {
  const connection = await createConnection(uri, connectionOptions).asPromise();
  const documents = connection.collection<HistoryDocument>(historyCollection);
  return {
    async put(written) {
      await documents.bulkWrite(
        written.map(({ _id, ...document }) => ({
          replaceOne: { filter: { _id }, replacement: document, upsert: true },
        })),
      );
    },
    async remove(purchaseIds) {
      await documents.deleteMany({ _id: { $in: [...purchaseIds] } });
    },
    async find(purchaseIds) {
      const found = await documents.find({ _id: { $in: [...purchaseIds] } }).toArray();
      return new Map(found.map(document => [document._id, document]));
    },
    async *readIds() {
      for (let afterId = "", more = true; more; ) {
        const found = await documents
          .find({ _id: { $gt: afterId } })
          .sort({ _id: 1 })
          .limit(pageDocuments)
          .toArray();
        yield found.map(document => document._id);
        afterId = found.at(-1)?._id ?? afterId;
        more = found.length === pageDocuments;
      }
    },
    close: () => connection.close(),
  };
}
