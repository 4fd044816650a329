import { join } from "node:path";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { startRedis } from "#dev/stack/servers/redis.ts";

/** A Redis of the benchmark's own. */
export async function openRedis() {
  const run = await claimTemporaryDirectory(join(import.meta.dirname, "../.data"), "bench");
  const block = await reservePorts({ base: 29_100, count: 1 });
  const server = await startRedis({ dir: run.dir, port: block.ports[0] ?? 0, log: () => {} });
  return {
    url: server.url,
    async close() {
      await server.stop();
      await block.release();
      await run.release();
    },
  };
}
