import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createLocalJWKSet, decodeProtectedHeader, type JWK } from "jose";
import { createUserTokenVerifier } from "#kit/rpc/tokens/user-token.ts";
import { createAccessTokenSigner } from "./access-token.ts";
import { createSigningKeys, readSigningKeys } from "./signing-keys.ts";

const issuer = "https://questioncloud.example";
const audience = "questioncloud";

describe("signing keys", () => {
  let dir: string;
  let file: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "signing-keys-"));
    file = join(dir, "keys.json");
  });
  after(() => rm(dir, { recursive: true }));

  async function read(keys: readonly JWK[]) {
    await writeFile(file, JSON.stringify({ keys }));
    return readSigningKeys(file);
  }

  async function freshKey(): Promise<JWK & { use_for?: "sign" }> {
    const [key] = (await createSigningKeys()).keys;
    if (key === undefined) {
      throw new Error("no key was created");
    }
    return key;
  }

  it("publish the public parts of all keys, and sign with the marked one", async () => {
    const { use_for: _mark, ...next } = await freshKey();
    const current = await freshKey();
    const keys = await read([next, current]);
    expect(keys.publicKeys.keys.map(({ kid }) => kid)).to.deep.equal([next.kid, current.kid]);
    for (const key of keys.publicKeys.keys) {
      expect(key).to.have.all.keys("kty", "kid", "n", "e", "alg", "use");
    }
    const sign = createAccessTokenSigner(keys, { issuer, audience, lifetimeSeconds: 300 });
    const { token } = await sign({ userId: 7n, role: "ADMIN" });
    expect(decodeProtectedHeader(token)).to.deep.equal({ alg: "RS256", typ: "at+jwt", kid: current.kid });
    const verify = createUserTokenVerifier({
      keys: createLocalJWKSet({ keys: [...keys.publicKeys.keys] }),
      issuer,
      audience,
    });
    expect(await verify(token)).to.deep.equal({ kind: "user", userId: 7n, role: "ADMIN" });
  });

  it("are refused where none is marked to sign, or one lacks its private part", async () => {
    const { use_for: _mark, ...unmarked } = await freshKey();
    const { d: _private, ...publicOnly } = await freshKey();
    for (const keys of [[], [unmarked], [publicOnly]]) {
      expect(await read(keys).catch((error: unknown) => error)).to.be.instanceOf(Error);
    }
  });
});
