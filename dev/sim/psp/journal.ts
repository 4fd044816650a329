import { mkdir, open, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { LedgerRow } from "./ledger.ts";
import type { PaymentRecord } from "./payment.ts";

/** One line of the file. Money and the payment it moved share a line, so that neither survives alone. */
type JournalEntry =
  | { kind: "payment"; record: PaymentRecord; row?: LedgerRow }
  | { kind: "answer"; scope: string; atMs: number; status: number; body: string }
  | { kind: "webhook"; id: string; body: string }
  | { kind: "webhookEnded"; id: string };

export interface Journal {
  /** What earlier runs wrote, oldest first. */
  entries: JournalEntry[];
  append(entry: JournalEntry): void;
  /** Resolves when everything appended so far is on disk. */
  synced(): Promise<void>;
  close(): Promise<void>;
}

/** Stores entries in `<dataDir>/psp.jsonl`; without a directory nothing outlives the process. */
export async function openJournal(dataDir: string | undefined): Promise<Journal> {
  if (dataDir === undefined) {
    return { entries: [], append: () => {}, synced: async () => {}, close: async () => {} };
  }
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, "psp.jsonl");
  const entries = await readEntries(path);
  const file = await open(path, "a");

  let waiting: string[] = [];
  let written: Promise<void> = Promise.resolve();

  async function writeWaiting(): Promise<void> {
    const lines = waiting;
    waiting = [];
    if (lines.length === 0) {
      return;
    }
    await file.appendFile(lines.join(""));
    await file.datasync();
  }

  function synced(): Promise<void> {
    if (waiting.length > 0) {
      written = written.then(writeWaiting);
      written.catch(() => {});
    }
    return written;
  }

  return {
    entries,
    append: entry => void waiting.push(`${JSON.stringify(entry)}\n`),
    synced,
    async close() {
      await synced();
      await file.close();
    },
  };
}

/** A crash can leave half a line at the end; it was never acknowledged and is cut off. */
async function readEntries(path: string): Promise<JournalEntry[]> {
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return Buffer.alloc(0);
    }
    throw error;
  });
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) {
    await truncate(path, end);
  }
  const lines = text.subarray(0, end).toString("utf8").split("\n").filter(Boolean);
  return lines.map(line => JSON.parse(line) as JournalEntry);
}
