import { allowClosedPipe } from "#kit/process/closed-pipe.ts";
import { ConfigError } from "#kit/process/read-config.ts";
import { readEnvoyOptions } from "./config.ts";
import { renderEnvoy } from "./envoy/render.ts";
import { createRouteTable } from "./routes.ts";

const help = `Usage: npm run gateway -- <command>

  print    prints envoy.yaml, made from the contracts and the environment
  routes   prints what is reachable from outside, one line per route

Variables of print, with their defaults:
  GATEWAY_PORT=8080  GATEWAY_LISTEN_HOST=0.0.0.0  GATEWAY_ADMIN_PORT=9901
  GATEWAY_DRAIN_PORT=0         a port at which GET /drain starts a drain and answers at its end; 0 for none
  GATEWAY_ALLOWED_ORIGINS      origins of web clients on other hosts, separated by commas, as in
                               https://app.example or, for all ports, http://localhost:*
  GATEWAY_ACCESS_LOG=stdout    or a path
  GATEWAY_OTEL_ADDRESS         host:port of an OTLP collector over gRPC
  GATEWAY_SITE_ADDRESS=site:8080
  <SERVICE>_GRPC_ADDRESSES=<service>:9000,...  <SERVICE>_HTTP_ADDRESSES=<service>:9001,...
  USER_JWKS_URL  GATEWAY_JWKS_CACHE_SECONDS=60  TOKEN_ISSUER  TOKEN_AUDIENCE
  SERVICE_CA_FILE              turns on TLS between the gateway and the grpc listeners
  GATEWAY_TLS_SECRETS_FOLDER     does the same with a certificate of the gateway's own: a folder with secrets of Envoy,
                               tls-gateway.json and tls-services.json
`;

allowClosedPipe();
const [command, further] = process.argv.slice(2);
if ([command, further].some(each => each === "--help" || each === "-h")) {
  process.stdout.write(help);
} else if (further !== undefined || (command !== "print" && command !== "routes")) {
  process.stderr.write(`not understood: ${further ?? command ?? "no command"}\n${help}`);
  process.exitCode = 2;
} else if (command === "print") {
  print();
} else {
  process.stdout.write(printRoutes());
}

function print(): void {
  try {
    process.stdout.write(renderEnvoy(readEnvoyOptions(process.env)));
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function printRoutes(): string {
  const { rpc, http, site } = createRouteTable();
  const rpcs = rpc.map(({ safe, path, access, rate, timeoutMs }) =>
    [safe ? "GET,HEAD,POST" : "POST", path, access, rate, `${timeoutMs} ms`].join("\t"),
  );
  const others = http.map(({ verb, path, rate, timeoutMs }) =>
    [verb === "GET" ? "GET,HEAD" : verb, path, "public", rate, `${timeoutMs} ms`].join("\t"),
  );
  return `${[...rpcs, ...others, `*\t* (site)\tpublic\t${site.rate}\t${site.timeoutMs} ms`].join("\n")}\n`;
}
