import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createAuthorize } from "./authorize.ts";
import { createGoogle } from "./google.ts";
import { BadBody, json, type Reply, type Routes, readForm, send } from "./http.ts";
import { createKakao } from "./kakao.ts";
import { createNaver } from "./naver.ts";
import { createPeople, type People } from "./people.ts";
import type { Client, LocalUrl, Provider } from "./provider.ts";
import { createSim } from "./sim.ts";
import { createSigningKey, createTokens, type SigningKey } from "./tokens.ts";

interface IdentityOptions extends Client {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** The host in the addresses of the providers, for clients that reach this machine by it; loopback by default. */
  readonly publicHost?: string | undefined;
}

export interface RunningIdentity {
  readonly url: string;
  stop(): Promise<void>;
}

/** Stand-ins for the identity providers Google, Kakao and Naver, on the loopback address. */
export async function startIdentity({
  port = 0,
  publicHost = "127.0.0.1",
  ...client
}: IdentityOptions): Promise<RunningIdentity> {
  const key = await createSigningKey();
  const people = createPeople();
  let routes: Routes = {};
  const server = createServer((request, response) => void answer(routes, request, response));
  server.requestTimeout = 30_000;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: ownPort } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${ownPort}`;
  const local: LocalUrl = realUrl => realUrl.replace("https://", `http://${publicHost}:${ownPort}/`);
  routes = Object.assign(
    createSim(people),
    ...[createGoogle(local), createKakao(local), createNaver(local)].map(provider =>
      routesOf(provider, { client, people, key }),
    ),
  );
  return {
    url,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function routesOf(
  provider: Provider,
  deps: { readonly client: Client; readonly people: People; readonly key: SigningKey },
): Routes {
  const { metadata, issuer } = provider;
  const tokens = createTokens({ ...deps, provider });
  const { show, submit } = createAuthorize({ ...deps, provider, issueCode: tokens.issueCode });
  const path = (url: string) => new URL(url).pathname;
  const profiles = Object.entries(provider.profiles).map(([url, read]) => [
    `GET ${path(url)}`,
    ({ request }: { request: IncomingMessage }) => tokens.profile(request.headers.authorization, read),
  ]);
  return {
    [`GET ${path(issuer)}/.well-known/openid-configuration`]: () => json(metadata),
    [`GET ${path(metadata.jwks_uri)}`]: () => json(deps.key.jwks),
    [`GET ${path(metadata.authorization_endpoint)}`]: show,
    [`POST ${path(metadata.authorization_endpoint)}`]: submit,
    [`POST ${path(metadata.token_endpoint)}`]: async call => tokens.exchange(await readForm(call)),
    ...Object.fromEntries(profiles),
  };
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const handle = routes[`${request.method} ${url.pathname}`];
  let reply: Reply;
  try {
    reply = (await handle?.({ request, url })) ?? json({ error: "not_found" }, 404);
  } catch (error) {
    if (!(error instanceof BadBody) && !(error instanceof SyntaxError)) {
      console.error("request failed", error);
    }
    reply = json({ error: "invalid_request", error_description: String(error) }, 400);
  }
  send(reply, request, response);
}
