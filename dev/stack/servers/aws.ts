import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ServerProcess, startProcess } from "./process.ts";
import type { ServerOptions } from "./server.ts";

const defaultRegion = "ap-northeast-2";
const answerWithinMs = 1_000;
const fauxqs = fileURLToPath(new URL("fauxqs.ts", import.meta.url));

interface AwsOptions extends ServerOptions {
  /** False keeps queues and files in memory, which is faster and enough for tests. Default true. */
  keepData?: boolean;
}

/** SNS, SQS and S3 at one address. S3 clients need `forcePathStyle: true`. */
export interface AwsServer {
  endpoint: string;
  region: string;
  /** If undefined, the SDK looks for credentials itself. */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
  process: ServerProcess | undefined;
  stop(): Promise<void>;
}

/**
 * SNS, SQS and S3: `AWS_ENDPOINT_URL` if set, otherwise an emulator on loopback that stores its data in `<dir>/aws`.
 */
export async function startAws(options: AwsOptions): Promise<AwsServer> {
  const { port, log, keepData = true, env = process.env } = options;
  const region = env.AWS_REGION ?? defaultRegion;
  if (env.AWS_ENDPOINT_URL) {
    return {
      endpoint: env.AWS_ENDPOINT_URL,
      region,
      credentials: undefined,
      process: undefined,
      stop: async () => {},
    };
  }
  const dir = join(options.dir, "aws");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    name: "aws",
    command: process.execPath,
    args: [
      fauxqs,
      "--port",
      String(port),
      "--region",
      region,
      ...(keepData ? ["--data", join(dir, "data")] : []),
    ],
    dir,
    ready: async () =>
      (await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(answerWithinMs) })).ok,
    log,
  });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return { endpoint, region, credentials, process: server, stop: server.stop };
}
