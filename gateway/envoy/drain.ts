import { readFileSync } from "node:fs";
import { drainNoticeMs } from "../limits.ts";
import type { RouteTable } from "../routes.ts";
import { socketAddress } from "./clusters.ts";
import { type Config, typed, typedConfig } from "./config.ts";
import { luaFilter } from "./http-filters.ts";
import { createAccessLog } from "./observability.ts";
import type { EnvoyOptions } from "./options.ts";

const drainLua = readFileSync(new URL("drain.lua", import.meta.url), "utf8");
const filters = "envoy.extensions.filters.http";
const second = "second";

export const drainPath = "/drain";

/**
 * How long a drain takes at most, in whole seconds: a call may arrive until load balancers have learned of it, and be
 * the longest.
 */
export function drainLimitMs({ rpc, http, site }: RouteTable): number {
  const longestMs = Math.max(...[...rpc, ...http, site].map(({ timeoutMs }) => timeoutMs));
  return Math.ceil((drainNoticeMs + longestMs) / 1000) * 1000;
}

/**
 * A listener for the kubelet, which sends a GET before it ends the gateway and waits for the answer. The admin
 * interface is on loopback, wants a POST and does not wait. Lua has no timer: it calls a listener that is reachable
 * only within Envoy and answers after a second.
 */
export function createDrain(table: RouteTable, options: EnvoyOptions) {
  const { listenHost: host = "127.0.0.1", drainPort: port, adminPort } = options;
  if (port === undefined) {
    return { listeners: [], clusters: [], extensions: [] };
  }
  if (adminPort === 0) {
    throw new Error("GATEWAY_DRAIN_PORT needs a GATEWAY_ADMIN_PORT that is known, not 0");
  }
  const internal = "envoy.extensions.bootstrap.internal_listener.v3.InternalListener";
  return {
    listeners: [
      {
        name: "drain",
        address: socketAddress({ host, port }),
        // A gateway that has as many clients as it takes drains, too.
        ignore_global_conn_limit: true,
        ...createChain("drain", drainRoute(table), [typed(luaFilter, `${filters}.lua.v3.Lua`)], options),
      },
      { name: second, internal_listener: {}, ...createChain(second, anyRoute, [delay]) },
    ],
    clusters: [
      createCluster("admin", socketAddress({ host: "127.0.0.1", port: adminPort })),
      createCluster(second, { envoy_internal_address: { server_listener_name: second } }),
    ],
    extensions: [typed("envoy.bootstrap.internal_listener", internal)],
  };
}

const answer = { direct_response: { status: 200 } };

const anyRoute = { match: { prefix: "/" }, ...answer };

const delay = typed("envoy.filters.http.fault", `${filters}.fault.v3.HTTPFault`, {
  delay: { fixed_delay: "1s", percentage: { numerator: 100 } },
});

function drainRoute(table: RouteTable): Config {
  const limits = `local notice_s, limit_s = ${drainNoticeMs / 1000}, ${drainLimitMs(table) / 1000}\n`;
  const exactly = (name: string, exact: string) => ({ name, string_match: { exact } });
  return {
    match: { path: drainPath, headers: [exactly(":method", "GET"), exactly(":path", drainPath)] },
    ...answer,
    typed_per_filter_config: {
      [luaFilter]: typedConfig(`${filters}.lua.v3.LuaPerRoute`, {
        source_code: { inline_string: `${limits}${drainLua}` },
      }),
    },
  };
}

function createChain(name: string, route: Config, before: Config[], options?: EnvoyOptions): Config {
  const manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  return {
    filter_chains: [
      {
        filters: [
          typed("envoy.filters.network.http_connection_manager", manager, {
            stat_prefix: name,
            codec_type: "HTTP1",
            ...(options && { access_log: createAccessLog(options.accessLog) }),
            http_filters: [...before, typed("envoy.filters.http.router", `${filters}.router.v3.Router`)],
            route_config: { name, virtual_hosts: [{ name, domains: ["*"], routes: [route] }] },
          }),
        ],
      },
    ],
  };
}

function createCluster(name: string, address: Config): Config {
  return {
    name,
    type: "STATIC",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  };
}
