import { expect } from "chai";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from "openid-client";
import { type Person, type ProviderName, providerNames } from "#dev/sim/identity/people.ts";
import { type RunningIdentity, startIdentity } from "#dev/sim/identity/server.ts";
import { createIdentitySim } from "#dev/sim/identity/sim-client.ts";

const client = { clientId: "suite", clientSecret: "suite-secret" };
const redirectUri = "http://shop.example/login/callback";
const issuers = { google: "accounts.google.com", kakao: "kauth.kakao.com", naver: "nid.naver.com" };
const scopes = {
  google: "openid email profile",
  kakao: "openid account_email profile_nickname",
  naver: "openid",
};

describe("the simulator of identity providers", () => {
  let identity: RunningIdentity;
  let sim: ReturnType<typeof createIdentitySim>;

  before(async () => {
    identity = await startIdentity({ ...client, redirectUris: [redirectUri] });
    sim = createIdentitySim(identity.url);
  });
  after(() => identity.stop());

  const metadataOf = async (provider: ProviderName) =>
    (await fetch(`${identity.url}/${issuers[provider]}/.well-known/openid-configuration`)).json();

  async function start(provider: ProviderName, changes: Record<string, string> = {}) {
    const verifier = randomPKCECodeVerifier();
    const url = new URL((await metadataOf(provider)).authorization_endpoint);
    url.search = new URLSearchParams({
      client_id: client.clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: scopes[provider],
      state: "state-1",
      nonce: "nonce-1",
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...changes,
    }).toString();
    return { url: url.href, verifier };
  }

  async function exchange(provider: ProviderName, fields: Record<string, string>) {
    const form = { grant_type: "authorization_code", redirect_uri: redirectUri, client_id: client.clientId };
    const response = await fetch((await metadataOf(provider)).token_endpoint, {
      method: "POST",
      body: new URLSearchParams({ ...form, client_secret: client.clientSecret, ...fields }),
    });
    return { status: response.status, body: await response.json() };
  }

  async function agree(provider: ProviderName, person: Person) {
    const { url, verifier } = await start(provider);
    const callback = await sim.agree(url, person);
    return {
      callback,
      fields: { code: callback.searchParams.get("code") ?? "", code_verifier: verifier, state: "state-1" },
    };
  }

  const addPerson = (provider: ProviderName) =>
    sim.addPerson({ provider, name: "김수험", email: "exam@example.com" });

  for (const provider of providerNames) {
    describe(provider, () => {
      it("shows a page with its people, and sends who agrees back with a code and the state", async () => {
        const person = await addPerson(provider);
        const { url } = await start(provider);
        const page = await fetch(url);
        expect(page.status).to.equal(200);
        expect(page.headers.get("content-security-policy")).to.include(
          "form-action 'self' http://shop.example",
        );
        expect(await page.text())
          .to.include(`value="${person.subject}"`)
          .and.include("exam@example.com");
        const { callback } = await agree(provider, person);
        expect(callback.origin + callback.pathname).to.equal(redirectUri);
        expect(callback.searchParams.get("state")).to.equal("state-1");
        expect(callback.searchParams.get("code")).to.match(/^[\w-]{32}$/);
      });

      it("exchanges the code for an ID token that its keys verify", async () => {
        const person = await addPerson(provider);
        const { fields } = await agree(provider, person);
        const { status, body } = await exchange(provider, fields);
        expect(status).to.equal(200);
        const { issuer, jwks_uri } = await metadataOf(provider);
        const keys = createLocalJWKSet(await (await fetch(jwks_uri)).json());
        const options = { issuer, audience: client.clientId, algorithms: ["RS256"] };
        const { payload } = await jwtVerify(body.id_token, keys, options);
        expect(payload.sub).to.equal(person.subject);
        expect(payload.nonce).to.equal(provider === "naver" ? undefined : "nonce-1");
      });

      it("takes a code once, from its client, for its address and with its verifier", async () => {
        const person = await addPerson(provider);
        const { fields } = await agree(provider, person);
        const wrong: Record<string, string>[] = [
          { client_secret: "guessed" },
          { redirect_uri: "http://shop.example/elsewhere" },
          { code_verifier: randomPKCECodeVerifier() },
          { code: "unknown" },
        ];
        for (const change of wrong) {
          const { status, body } = await exchange(provider, { ...fields, ...change });
          expect(body.error, JSON.stringify(change)).to.be.a("string");
          expect(body).not.to.have.property("access_token");
          expect(status === 200).to.equal(provider === "naver");
        }
        const both = await Promise.all([exchange(provider, fields), exchange(provider, fields)]);
        expect(both.filter(({ body }) => body.access_token !== undefined)).to.have.length(1);
      });

      it("refuses a verifier for which there was no challenge", async () => {
        const { url, verifier } = await start(provider);
        const bare = new URL(url);
        bare.searchParams.delete("code_challenge");
        bare.searchParams.delete("code_challenge_method");
        const code = (await sim.agree(bare.href, await addPerson(provider))).searchParams.get("code") ?? "";
        const { body } = await exchange(provider, { code, code_verifier: verifier });
        expect(body).not.to.have.property("access_token");
      });

      it("sends who refuses back with access_denied, and no one to an address that is not registered", async () => {
        const { url } = await start(provider);
        const { searchParams } = await sim.refuse(url);
        expect(searchParams.get("error")).to.equal("access_denied");
        expect(searchParams.get("state")).to.equal("state-1");
        const elsewhere = await start(provider, { redirect_uri: "http://attacker.example/" });
        expect((await fetch(elsewhere.url, { redirect: "manual" })).status).to.equal(400);
        const unknown = await start(provider, { client_id: "other" });
        expect((await fetch(unknown.url, { redirect: "manual" })).status).to.equal(401);
      });

      it("goes wrong for a person as a test says", async () => {
        const person = await addPerson(provider);
        await sim.setFaults(person, {
          token: [{ status: 503 }],
          idToken: { audience: "other-client", isExpired: true },
        });
        const { fields } = await agree(provider, person);
        expect((await exchange(provider, fields)).status).to.equal(503);
        const claims = decodeJwt((await exchange(provider, fields)).body.id_token);
        expect(claims.aud).to.equal("other-client");
        expect(claims.exp).to.be.below(Date.now() / 1000);
      });
    });
  }

  it("wants the state with a code of Naver", async () => {
    const { fields } = await agree("naver", await addPerson("naver"));
    expect((await exchange("naver", { ...fields, state: "" })).body.error).to.equal("invalid_request");
    expect((await exchange("naver", fields)).body.access_token).to.be.a("string");
  });

  it("tells each provider's word about an address", async () => {
    const read = async (provider: ProviderName, path: string) => {
      const { fields } = await agree(provider, await addPerson(provider));
      const { body } = await exchange(provider, fields);
      const headers = { authorization: `Bearer ${body.access_token}` };
      return { idToken: decodeJwt(body.id_token), profile: await (await fetch(path, { headers })).json() };
    };
    const google = await read("google", `${identity.url}/openidconnect.googleapis.com/v1/userinfo`);
    expect(google.idToken).to.include({ email: "exam@example.com", email_verified: true, name: "김수험" });
    const kakao = await read("kakao", `${identity.url}/kapi.kakao.com/v2/user/me`);
    expect(kakao.idToken).to.include({ email: "exam@example.com", nickname: "김수험" });
    expect(kakao.idToken).not.to.have.property("email_verified");
    expect(kakao.profile.kakao_account).to.include({ is_email_valid: true, is_email_verified: true });
    const naver = await read("naver", `${identity.url}/openapi.naver.com/v1/nid/me`);
    expect(naver.profile).to.deep.include({ resultcode: "00", message: "success" });
    expect(naver.profile.response).to.include({ email: "exam@example.com", name: "김수험" });
    const tokenless = await fetch(`${identity.url}/openapi.naver.com/v1/nid/me`);
    expect([tokenless.status, (await tokenless.json()).resultcode]).to.deep.equal([401, "024"]);
  });
});
