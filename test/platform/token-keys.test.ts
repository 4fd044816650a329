import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type Failure, reasonName } from "#kit/contract/failure.ts";
import { createUserTokenVerifier } from "#kit/rpc/user-token.ts";

const issuer = "https://questioncloud.example";
const audience = "questioncloud";

describe("the verification of access tokens by published keys", () => {
  let server: Server;
  let answer: { status: number; body: string };
  let keys: URL;
  let token: string;
  let sign: (subject: string) => Promise<string>;
  let published: string;

  before(async () => {
    server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    keys = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`);
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    published = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }] });
    sign = subject =>
      new SignJWT({ role: "USER" })
        .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "one" })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setJti("1")
        .setExpirationTime("1m")
        .sign(privateKey);
    token = await sign("7");
  });
  after(() => server.close());

  const verify = (shown = token) => createUserTokenVerifier({ keys, issuer, audience })(shown);
  const reasonOf = (shown = token) =>
    verify(shown).then(
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
