import { tryListen } from "./lock.ts";

const highestPort = 32_000;

export interface PortBlock {
  /** The block's ports, in order. */
  ports: number[];
  /** Lets another run have the block. Also happens when this process exits. */
  release(): Promise<void>;
}

/**
 * Finds `count` free loopback ports in a row at or above `base` and below the ports that the system assigns to
 * outgoing connections. The port before the block listens as long as the block is reserved, so that another run with
 * the same base and count takes the next block.
 */
export async function reservePorts({ base, count }: { base: number; count: number }): Promise<PortBlock> {
  for (let guard = base; guard + count <= highestPort; guard += count + 1) {
    const held = await tryListen({ host: "127.0.0.1", port: guard });
    if (!held) {
      continue;
    }
    const ports = Array.from({ length: count }, (_, index) => guard + 1 + index);
    if (await allFree(ports)) {
      return { ports, release: held.release };
    }
    await held.release();
  }
  throw new Error(`No ${count} free ports in a row between ${base} and ${highestPort}.`);
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
