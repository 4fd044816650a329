import { readFileSync, writeFileSync } from "node:fs";
import { tryListen, tryLock } from "./lock.ts";

/** Ports below are for the system. */
export const lowestPort = 1024;
/** The system assigns the ports above to outgoing connections. */
export const highestPort = 32_000;

export interface PortBlock {
  /** The block's ports, in order. */
  ports: number[];
  /** Lets another run have the block. Also happens when this process exits. */
  release(): Promise<void>;
}

interface PortOptions {
  base: number;
  count: number;
  /** Holds the block that was found last for this base, which is taken again if it is free. */
  file?: string;
}

/**
 * Finds `count` free loopback ports in a row at or above `base` and below the ports that the system assigns to
 * outgoing connections. The port before the block listens as long as the block is reserved, so that another run with
 * the same base and count takes the next block.
 */
export async function reservePorts({ base, count, file }: PortOptions): Promise<PortBlock> {
  const remembered = file === undefined ? undefined : readGuard(file, base);
  const found = remembered === undefined ? undefined : await tryBlock(remembered, count);
  if (found !== undefined) {
    return found;
  }
  for (let guard = base; guard + count <= highestPort; guard += count + 1) {
    const block = await tryBlock(guard, count);
    if (block !== undefined) {
      if (file !== undefined) {
        writeFileSync(file, JSON.stringify({ base, guard }));
      }
      return block;
    }
  }
  throw new Error(`No ${count} free ports in a row between ${base} and ${highestPort}.`);
}

async function tryBlock(guard: number, count: number): Promise<PortBlock | undefined> {
  const ports = Array.from({ length: count }, (_, index) => guard + 1 + index);
  const held = [await tryListen({ host: "127.0.0.1", port: guard })];
  for (const port of ports) {
    // Blocks of other bases and counts may overlap, and their servers may not listen yet.
    held.push(held.at(-1) && (await tryLock(`port ${port}`)));
  }
  const release = async () => {
    await Promise.all(held.map(lock => lock?.release()));
  };
  if (held.every(Boolean) && (await allFree(ports))) {
    return { ports, release };
  }
  await release();
  return undefined;
}

function readGuard(file: string, base: number): number | undefined {
  try {
    const stored = JSON.parse(readFileSync(file, "utf8")) as { base: number; guard: number };
    return stored.base === base ? stored.guard : undefined;
  } catch {
    // There is none yet.
    return undefined;
  }
}

async function allFree(ports: number[]): Promise<boolean> {
  for (const port of ports) {
    const probe = await tryListen({ host: "127.0.0.1", port });
    if (!probe) {
      return false;
    }
    await probe.release();
  }
  return true;
}
