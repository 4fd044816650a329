import { maxDocumentBytes } from "./document.ts";
import { MongoFailure } from "./failure.ts";
import { BatchReply } from "./wire.ts";

type Cursor = {
  readonly namespace: string;
  readonly results: readonly Buffer[];
  position: number;
  usedTimeMs: number;
};

/** The open cursors of all clients. A cursor returns documents as they were when it was opened. */
export type Cursors = {
  /** Returns the first batch; the cursor stays open if there are more documents and the client wants them. */
  open(
    namespace: string,
    results: readonly Buffer[],
    options: { batchSize: number; single: boolean },
  ): BatchReply;
  /** Throws MongoFailure CursorNotFound. */
  next(id: bigint, namespace: string, batchSize: number): BatchReply;
  /** False if there is no such cursor. */
  kill(id: bigint): boolean;
};

export const defaultBatchSize = 101;
const maxCursors = 1000;
const idleTimeoutMs = 10 * 60_000;

export function createCursors(): Cursors {
  const cursors = new Map<bigint, Cursor>();
  let lastId = 0n;

  const dropStale = () => {
    for (const [id, { usedTimeMs }] of cursors) {
      if (cursors.size < maxCursors && usedTimeMs > Date.now() - idleTimeoutMs) {
        break;
      }
      cursors.delete(id);
    }
  };
  return {
    open: (namespace, results, { batchSize, single }) => {
      dropStale();
      const cursor = { namespace, results, position: 0, usedTimeMs: Date.now() };
      const batch = take(cursor, batchSize);
      if (single || cursor.position === results.length) {
        return new BatchReply("firstBatch", namespace, 0n, batch);
      }
      cursors.set(++lastId, cursor);
      return new BatchReply("firstBatch", namespace, lastId, batch);
    },
    next: (id, namespace, batchSize) => {
      const cursor = cursors.get(id);
      if (cursor?.namespace !== namespace) {
        throw new MongoFailure("CursorNotFound", `cursor id ${id} not found`);
      }
      const batch = take(cursor, batchSize);
      cursors.delete(id);
      if (cursor.position === cursor.results.length) {
        return new BatchReply("nextBatch", namespace, 0n, batch);
      }
      cursor.usedTimeMs = Date.now();
      cursors.set(id, cursor);
      return new BatchReply("nextBatch", namespace, id, batch);
    },
    kill: id => cursors.delete(id),
  };
}

function take(cursor: Cursor, batchSize: number): readonly Buffer[] {
  const start = cursor.position;
  let batchBytes = 0;
  while (cursor.position < cursor.results.length && cursor.position - start < batchSize) {
    batchBytes += cursor.results[cursor.position]?.length ?? 0;
    if (batchBytes > maxDocumentBytes && cursor.position > start) {
      break;
    }
    cursor.position++;
  }
  return cursor.results.slice(start, cursor.position);
}
