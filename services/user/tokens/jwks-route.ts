import type { HttpRoute } from "#kit/rpc/http/routes.ts";
import type { SigningKeys } from "./signing-keys.ts";

// A new key may sign only after every cached list without it has expired.
const maxAgeSeconds = 300;

/** Publishes the keys that verify access tokens. */
export function createJwksRoute({ publicKeys }: Pick<SigningKeys, "publicKeys">): HttpRoute {
  const body = JSON.stringify(publicKeys);
  return {
    method: "GET",
    path: "/.well-known/jwks.json",
    async handle(_request, response) {
      response.writeHead(200, {
        "content-type": "application/json",
        "cache-control": `public, max-age=${maxAgeSeconds}`,
      });
      response.end(body);
    },
  };
}
