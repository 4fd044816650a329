import { createReadStream } from "node:fs";
import { access, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { Binary } from "bson";
import { type Document, decode, encode, maxDocumentBytes } from "./document.ts";
import { FrameLengthError, splitFrames } from "./frames.ts";

/** A change of the data, as it is stored on disk. */
export type LogRecord =
  | { op: "create" | "drop"; ns: string }
  | { op: "put"; ns: string; raw: Uint8Array }
  | { op: "delete"; ns: string; id: unknown }
  | { op: "index"; ns: string; spec: Document }
  | { op: "dropIndex"; ns: string; name: string };

export type Log = {
  /** Queues a record; it is durable when a later call of `synced` has resolved. */
  append(record: LogRecord): void;
  /** Resolves when everything appended so far is on disk; rejects after the first write that failed. */
  synced(): Promise<void>;
  close(): Promise<void>;
};

const headerBytes = 8;
const frameLimits = { minBytes: headerBytes, maxBytes: maxDocumentBytes + 64 * 1024 };
const chunkBytes = 1024 * 1024;

/** Opens the log for appending. Concurrent callers share one write and one fdatasync. */
export async function openLog(path: string): Promise<Log> {
  const file = await open(path, "a");
  await syncDirectory(dirname(path));
  let pending: Buffer[] = [];
  let last: Promise<void> = Promise.resolve();
  let queued = false;

  const flush = async () => {
    const frames = pending;
    pending = [];
    queued = false;
    await file.appendFile(Buffer.concat(frames));
    await file.datasync();
  };
  const synced = () => {
    if (pending.length > 0 && !queued) {
      queued = true;
      last = last.then(flush);
    }
    return last;
  };
  return {
    append: record => void pending.push(frameOf(record)),
    synced,
    close: () => synced().finally(() => file.close()),
  };
}

/**
 * Calls `apply` with every record. Skips and reports a torn tail, whose writes were never acknowledged. Throws if a
 * frame before the tail is corrupt.
 */
export async function replayLog(
  path: string,
  apply: (record: LogRecord) => void,
): Promise<{ torn: boolean }> {
  if (!(await exists(path))) {
    return { torn: false };
  }
  const stream = createReadStream(path, { highWaterMark: chunkBytes });
  let readBytes = 0;
  let torn = false;
  try {
    for await (const frame of splitFrames(stream, frameLimits)) {
      if (torn) {
        throw new Error(`${path} is corrupt before byte ${readBytes}; restore it or remove it`);
      }
      if (crc32(frame.subarray(headerBytes)) === frame.readUInt32LE(4)) {
        apply(recordOf(frame));
      } else {
        torn = true;
      }
      readBytes += frame.length;
    }
  } catch (error) {
    // After a power failure the file can end in zeros that were never written.
    if (!(error instanceof FrameLengthError) || !(await isZeroFrom(path, readBytes))) {
      throw error;
    }
    return { torn: true };
  }
  return { torn: torn || readBytes < (await stat(path)).size };
}

/** Atomically replaces the log by one with these records. */
export async function rewriteLog(path: string, records: Iterable<LogRecord>): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w");
  try {
    let frames: Buffer[] = [];
    let heldBytes = 0;
    for (const record of records) {
      const frame = frameOf(record);
      frames.push(frame);
      heldBytes += frame.length;
      if (heldBytes < chunkBytes) {
        continue;
      }
      await file.appendFile(Buffer.concat(frames));
      frames = [];
      heldBytes = 0;
    }
    await file.appendFile(Buffer.concat(frames));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

function frameOf(record: LogRecord): Buffer {
  const payload = encode(record.op === "put" ? { ...record, raw: new Binary(record.raw) } : record);
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeUInt32LE(crc32(payload), 4);
  payload.copy(frame, headerBytes);
  return frame;
}

function recordOf(frame: Buffer): LogRecord {
  const record = decode(frame.subarray(headerBytes));
  // Copied, so that a document does not retain the whole chunk that it was read from.
  const raw = record.raw instanceof Binary ? { raw: Buffer.from(record.raw.value()) } : {};
  return { ...record, ...raw } as LogRecord;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function isZeroFrom(path: string, start: number): Promise<boolean> {
  for await (const chunk of createReadStream(path, { start })) {
    if ((chunk as Buffer).some(byte => byte !== 0)) {
      return false;
    }
  }
  return true;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  await directory.sync().finally(() => directory.close());
}
