import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";
import { findEnvoy, startEnvoy } from "#dev/stack/servers/envoy.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { createRouteTable, type RouteTable } from "#gateway/routes.ts";
import { completeLines } from "./complete-lines.ts";
import { renderGateway } from "./render-gateway.ts";
import { until } from "./until.ts";

/** A second gateway in front of a stack, rendered the same way with other options. */
export interface OwnGateway {
  readonly url: string;
  /** Lines of the access log, once there is one that `isWanted` accepts. */
  logLines(isWanted: (line: AccessLine) => boolean): Promise<AccessLine[]>;
  /** The text of the access log. */
  rawLog(): string;
  /** True if the gateway sends calls to these addresses, and has ejected none of them. */
  uses(ports: readonly number[]): Promise<boolean>;
  stop(): Promise<void>;
}

/** One line of the access log. */
type AccessLine = Readonly<Record<string, string | number | null>>;

interface OwnGatewayOptions extends Partial<EnvoyOptions> {
  /** Replaces the timeout of every RPC. */
  readonly timeoutMs?: number;
}

/** Starts a second gateway in front of a stack. */
export async function startOwnGateway(stack: Stack, options: OwnGatewayOptions = {}): Promise<OwnGateway> {
  const { timeoutMs, ...more } = options;
  const bin = await findEnvoy({ cacheDir: join(root, ".cache"), log: () => {} });
  if (bin === undefined) {
    throw new Error("there is no Envoy on this machine");
  }
  const block = await reservePorts({ base: 29_400, count: 1 });
  const listenPort = block.ports[0] ?? 0;
  const dir = join(stack.dir, `gateway-${listenPort}`);
  mkdirSync(dir, { recursive: true });
  const accessLog = join(dir, "access.log");
  const configFile = join(dir, "envoy.yaml");
  const base = readEnvoyOptions(stack.env);
  const gateway = { ...base, listenPort, accessLog, ...more };
  writeFileSync(configFile, await renderGateway(gateway, tableWith(timeoutMs)));
  const envoy = await startEnvoy({ bin, configFile, dir, log: () => {} });
  const read = () => readFileSync(accessLog, "utf8");
  return {
    url: `http://127.0.0.1:${listenPort}`,
    logLines: isWanted =>
      until(async () => {
        await fetch(`${envoy.adminUrl()}/reopen_logs`, { method: "POST" });
        const parsed = completeLines(accessLog).map(line => JSON.parse(line) as AccessLine);
        return parsed.some(isWanted) && parsed;
      }, "the access log has the line"),
    rawLog: read,
    async uses(ports) {
      const state = await (await fetch(`${envoy.adminUrl()}/clusters`)).text();
      return ports.every(port => state.includes(`::127.0.0.1:${port}::health_flags::healthy\n`));
    },
    async stop() {
      await envoy.stop();
      await block.release();
    },
  };
}

function tableWith(timeoutMs: number | undefined): RouteTable {
  const table = createRouteTable();
  return timeoutMs === undefined
    ? table
    : { ...table, rpc: table.rpc.map(route => ({ ...route, timeoutMs })) };
}
