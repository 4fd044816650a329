import type { HttpRoute } from "#kit/http-server.ts";
import type { SigningKeys } from "./signing-keys.ts";

const maxAgeSeconds = 300;

/** Publishes the keys that verify access tokens. A new key may sign once this long has passed since it was published. */
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
