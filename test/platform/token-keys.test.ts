import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type Failure, reasonName } from "#kit/contract/failure.ts";
import { createUserTokenVerifier, type UserTokenVerifier } from "#kit/rpc/tokens/user-token.ts";

const issuer = "https://questioncloud.example";
const audience = "questioncloud";

describe("the verification of access tokens by published keys", () => {
  let server: Server;
  let answer: { status: number; body: string };
  let keys: URL;
  let token: string;
  let sign: (subject: string, key?: { kid: string; privateKey: CryptoKey }) => Promise<string>;
  let published: string;

  before(async () => {
    server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    keys = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`);
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    published = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }] });
    sign = (subject, key = { kid: "one", privateKey }) =>
      new SignJWT({ role: "USER" })
        .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: key.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setJti("1")
        .setExpirationTime("1h")
        .sign(key.privateKey);
    token = await sign("7");
  });
  after(() => server.close());

  const verify = (shown = token) => createUserTokenVerifier({ keys, issuer, audience })(shown);
  const reasonOf = (shown = token, verifier: UserTokenVerifier = verify) =>
    verifier(shown).then(
      () => "accepted",
      (error: Failure) => (error.reason === undefined ? String(error) : reasonName(error.reason)),
    );

  it("accepts a token whose key is published", async () => {
    answer = { status: 200, body: published };
    expect(await verify()).to.deep.equal({ kind: "user", userId: 7n, role: "USER" });
  });

  it("refuses a token whose subject is no user id", async () => {
    answer = { status: 200, body: published };
    for (const subject of ["", "0", "-7", "07", " 7", "0x7", "7.5", "seven", `${2n ** 63n}`]) {
      expect(await reasonOf(await sign(subject)), subject).to.equal("UNAUTHORIZED_TOKEN");
    }
  });

  it("refuses a token whose key is not published", async () => {
    answer = { status: 200, body: '{"keys":[]}' };
    expect(await reasonOf()).to.equal("UNAUTHORIZED_TOKEN");
  });

  it("refuses a key that is no longer published, once the list is read again", async () => {
    answer = { status: 200, body: published };
    const verifier = createUserTokenVerifier({ keys, issuer, audience, refreshMs: 50 });
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    const next = { ...(await exportJWK(publicKey)), kid: "two", alg: "RS256" };
    await verifier(token);
    answer = { status: 503, body: "" };
    await sleep(100);
    expect((await verifier(token)).userId, "the known keys do meanwhile").to.equal(7n);
    answer = { status: 200, body: JSON.stringify({ keys: [next] }) };
    const endMs = Date.now() + 20_000;
    while ((await reasonOf(token, verifier)) === "accepted" && Date.now() < endMs) {
      await sleep(20);
    }
    expect(await reasonOf(token, verifier)).to.equal("UNAUTHORIZED_TOKEN");
    expect((await verifier(await sign("8", { kid: "two", privateKey }))).userId).to.equal(8n);
  });

  it("answers SERVICE_UNAVAILABLE while the keys are unavailable", async () => {
    for (const [status, body] of [
      [503, ""],
      [200, "<html>"],
      [200, "{}"],
    ] as const) {
      answer = { status, body };
      expect(await reasonOf(), `${status} ${body}`).to.equal("SERVICE_UNAVAILABLE");
    }
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    expect(await reasonOf()).to.equal("SERVICE_UNAVAILABLE");
  });
});
