import { setTimeout as delay } from "node:timers/promises";
import type { SeededRandom } from "#dev/sample/random.ts";
import type { ServerProcess } from "#dev/stack/servers/process.ts";
import type { FaultMesh } from "../support/faults/mesh.ts";

/** A fault that a storm can cause. It ends by itself. */
interface Fault {
  /** Faults with the same target do not happen at the same time. */
  readonly target: string;
  /** As it is reported. */
  readonly what: string;
  run(): Promise<void>;
}

/** Makes up a fault; undefined if it is impossible here. */
export type Choose = (mesh: FaultMesh, random: SeededRandom) => Fault | undefined;

const retryMs = 200;
const attempts = 50;

/** Starts a server again, as often as it takes: what it needs may be down as well. */
export async function startAgain(process: ServerProcess): Promise<void> {
  for (let attempt = 1; process.pid === undefined; attempt++) {
    await process.start().catch(async (error: unknown) => {
      if (attempt === attempts) {
        throw error;
      }
      await delay(retryMs);
    });
  }
}
