import { readFileSync, writeFileSync } from "node:fs";
import { decodeJwt, decodeProtectedHeader, importJWK, type JWK } from "jose";
import { ownReads } from "#dev/demo/own-reads.ts";
import { logIn } from "#dev/sample/accounts.ts";
import { sampleBuyers } from "#dev/sample/people.ts";
import { methodName } from "#kit/contract/policy.ts";
import { userIdIn } from "#kit/rpc/tokens/token-claims.ts";
import { createAccessTokenSigner } from "#services/user/tokens/access-token.ts";
import { createSigningKeys } from "#services/user/tokens/signing-keys.ts";
import { acceptedInPods, askAgain } from "./in-pods.ts";
import { type Installed, ofBoth, type Rotation, type Which, whichOf } from "./rotation.ts";

type MarkedKey = JWK & { readonly use_for?: "sign" };

const unauthenticated = 401;
// Too many requests, unavailable and too late say nothing about the caller.
const busyStatuses: readonly number[] = [429, 503, 504];
// How long the list of keys may take to be fetched.
const fetchSeconds = 2;

/** The key that signs users' tokens: services verify them, and the gateway. */
export async function signingKey(installed: Installed): Promise<Rotation> {
  const { env, api } = installed;
  const file = env.USER_SIGNING_KEYS_FILE ?? "";
  const present = JSON.parse(readFileSync(file, "utf8")) as { keys: MarkedKey[] };
  const keys = {
    old: unmarked(present.keys.find(key => key.use_for !== undefined)),
    new: unmarked((await createSigningKeys()).keys[0]),
  };
  const write = (all: readonly MarkedKey[]) => writeFileSync(file, JSON.stringify({ keys: all }));
  const signs = (key: JWK): MarkedKey => ({ ...key, use_for: "sign" });
  const lifetimeSeconds = Number(env.USER_ACCESS_LIFETIME_SECONDS ?? 300);
  const gatewaySeconds = Number(env.GATEWAY_JWKS_CACHE_SECONDS ?? 60) + fetchSeconds;
  const serviceSeconds = (2 * Number(env.USER_JWKS_REFRESH_MS ?? 60_000)) / 1000 + fetchSeconds;
  return {
    name: "signing key of users' tokens",
    steps: {
      accept: () => write([signs(keys.old), keys.new]),
      use: () => write([keys.old, signs(keys.new)]),
      refuse: () => write([signs(keys.new)]),
    },
    waitSeconds: {
      // A service asks for a key that it does not know; the gateway does not.
      accept: gatewaySeconds,
      use: lifetimeSeconds,
      // What a token has proved is forgotten as often as the list is read.
      refuse: Math.max(gatewaySeconds, serviceSeconds),
    },
    async accepted() {
      const tokens = await ofBoth(which => tokenBy(keys[which], lifetimeSeconds, installed));
      return acceptedEverywhere(installed, tokens);
    },
    async used() {
      const { kid } = decodeProtectedHeader(await logIn(api, sampleBuyers[0].email));
      return [whichOf(which => keys[which].kid === kid)];
    },
  };
}

function unmarked(key: MarkedKey | undefined): JWK {
  const { use_for: _mark, ...rest } = key ?? {};
  return rest;
}

/** A token of a user that exists, signed by any key. */
async function tokenBy(key: JWK, lifetimeSeconds: number, { env, api }: Installed): Promise<string> {
  const claims = decodeJwt(await logIn(api, sampleBuyers[0].email));
  const privateKey = (await importJWK(key, "RS256")) as CryptoKey;
  const sign = createAccessTokenSigner(
    { kid: key.kid ?? "", privateKey, publicKeys: { keys: [] } },
    {
      issuer: env.TOKEN_ISSUER ?? "",
      audience: env.TOKEN_AUDIENCE ?? "questioncloud",
      lifetimeSeconds,
    },
  );
  return (await sign({ userId: userIdIn(claims.sub), role: "USER" })).token;
}

/** Asks the gateway, and each pod of every service, which a token that the gateway refuses would never reach. */
async function acceptedEverywhere(
  { stack, kubectl }: Installed,
  tokens: Readonly<Record<Which, string>>,
): Promise<Record<Which, boolean[]>> {
  const answers: Record<Which, boolean[]> = { old: [], new: [] };
  for (const [service, method] of Object.entries(ownReads)) {
    const name = methodName(method);
    const headers = await ofBoth(which => ({ authorization: `Bearer ${tokens[which]}` }));
    const byGateway = await ofBoth(which => acceptedByGateway(stack.gatewayUrl ?? "", name, headers[which]));
    const calls = [headers.old, headers.new].map(each => ({ method: name, headers: each }));
    const [old = [], next = []] = await acceptedInPods(kubectl, service, calls);
    answers.old.push(byGateway.old, ...old);
    answers.new.push(byGateway.new, ...next);
  }
  return answers;
}

async function acceptedByGateway(
  url: string,
  method: string,
  headers: Record<string, string>,
): Promise<boolean> {
  const ask = () =>
    fetch(`${url}/${method}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: "{}",
    });
  // Any other status is an answer to this user.
  const busyStatusIn = ({ status }: Response) => busyStatuses.find(each => each === status);
  return (await askAgain(ask, busyStatusIn)).status !== unauthenticated;
}
