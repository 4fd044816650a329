import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ServerProcess, startProcess } from "./process.ts";

export { type FindEnvoyOptions, findEnvoy } from "./envoy-binary.ts";

const run = promisify(execFile);
const validateWithinMs = 30_000;
const answerWithinMs = 1_000;
/** Overrides the configuration: the admin interface listens on loopback, on any free port. */
const admin = "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}";

interface StartEnvoyOptions {
  bin: string;
  configFile: string;
  /** The run's directory; logs go to its folder `envoy`. */
  dir: string;
  log: (line: string) => void;
  /** Worker threads, 1 by default. */
  concurrency?: number;
}

interface EnvoyServer {
  /** Has `/stats`, `/config_dump`, `/ready`. Changes with a restart. */
  adminUrl(): string;
  process: ServerProcess;
  stop(): Promise<void>;
}

/**
 * Validates the configuration, starts Envoy and waits until it accepts requests. Rejects with Envoy's own error text.
 */
export async function startEnvoy(options: StartEnvoyOptions): Promise<EnvoyServer> {
  const dir = join(options.dir, "envoy");
  const addressFile = join(dir, "admin-address");
  const adminUrl = () => `http://${readFileSync(addressFile, "utf8").trim()}`;
  await validate(options.bin, options.configFile);
  rmSync(addressFile, { force: true });
  const server = await startProcess({
    name: "envoy",
    command: options.bin,
    args: [
      "--config-path",
      options.configFile,
      "--config-yaml",
      admin,
      "--admin-address-path",
      addressFile,
      "--use-dynamic-base-id",
      "--concurrency",
      String(options.concurrency ?? 1),
      "--log-level",
      "warning",
    ],
    dir,
    ready: async () =>
      (await fetch(`${adminUrl()}/ready`, { signal: AbortSignal.timeout(answerWithinMs) })).ok,
    log: options.log,
  });
  return { adminUrl, process: server, stop: server.stop };
}

async function validate(bin: string, configFile: string) {
  try {
    await run(bin, ["--mode", "validate", "--config-path", configFile, "--log-level", "error"], {
      timeout: validateWithinMs,
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`Envoy refuses ${configFile}: ${stderr?.trim() || message}`);
  }
}
