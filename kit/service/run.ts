import type { ConfigSchema, Environment } from "#kit/process/config.ts";
import { ConfigError, readConfig } from "#kit/process/read-config.ts";
import { stopTelemetry, withServiceName } from "#kit/process/telemetry.ts";
import type { RunningService } from "#kit/service/start-service.ts";

/** What the `service.ts` of a service exports. */
export interface ServiceModule {
  readonly config: ConfigSchema;
  readonly start: (config: never) => Promise<RunningService>;
}

/**
 * Starts services in one process. Their environment is read at once, so that one start reports every problem of all
 * of them.
 */
export async function startServices(
  modules: Readonly<Record<string, ServiceModule>>,
  env: Environment,
): Promise<RunningService[]> {
  const schemas = Object.fromEntries(Object.entries(modules).map(([name, { config }]) => [name, config]));
  const configs = readConfig(env, schemas);
  return Promise.all(
    Object.entries(modules).map(([name, { start }]) =>
      withServiceName(name, () => start(configs[name] as never)),
    ),
  );
}

/** Starts services as a process of their own and stops them on SIGTERM or SIGINT. */
export async function run(modules: Readonly<Record<string, ServiceModule>>, env: Environment): Promise<void> {
  const services = await startServices(modules, env).catch((error: unknown) => {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  });
  let stopping = false;
  const stop = async () => {
    if (!stopping) {
      stopping = true;
      await Promise.all(services.map(service => service.stop()));
      await stopTelemetry();
      process.exit(0);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function describe(error: unknown): string {
  if (error instanceof ConfigError || !(error instanceof Error)) {
    return error instanceof Error ? error.message : String(error);
  }
  return error.stack ?? error.message;
}
