import type { Environment } from "#kit/config.ts";
import type { RunningService } from "#kit/serve.ts";
import { stopTelemetry } from "#kit/telemetry.ts";

/** Starts one service as a process of its own and stops it on SIGTERM or SIGINT. */
export async function run(start: (env: Environment) => Promise<RunningService>): Promise<void> {
  const service = await start(process.env).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  });
  let stopping = false;
  const stop = async () => {
    if (!stopping) {
      stopping = true;
      await service.stop();
      await stopTelemetry();
      process.exit(0);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
