import { expect } from "chai";
import { decodeProtectedHeader, SignJWT, UnsecuredJWT } from "jose";
import { readSigningKeys } from "#services/user/tokens/signing-keys.ts";
import { type Person, profileOf, signUp, signUpAdmin } from "../support/market/people.ts";
import { openUserSuite, type UserSuite } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("access tokens", () => {
  let suite: UserSuite;
  let admin: Person;

  before(async () => {
    suite = await openUserSuite();
    admin = await signUpAdmin(suite.stack);
  });
  after(() => suite?.close());

  it("are verified by keys that are published without their private parts", async () => {
    const answer = await fetch(`${suite.stack.gatewayUrl}/.well-known/jwks.json`);
    expect(answer.headers.get("cache-control")).to.equal("public, max-age=300");
    const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
    expect(keys).to.have.length(1);
    expect(keys[0]).to.have.all.keys("kty", "kid", "n", "e", "alg", "use");
    expect(keys[0]?.kid).to.equal(decodeProtectedHeader(admin.token).kid);
  });

  it("are refused if issuer, audience, type, key, expiry, algorithm or signature is wrong", async () => {
    const { privateKey, kid, publicKeys } = await readSigningKeys(
      suite.stack.env.USER_SIGNING_KEYS_FILE ?? "",
    );
    const claims = {
      iss: suite.stack.env.TOKEN_ISSUER ?? "",
      aud: "questioncloud",
      sub: admin.userId.toString(),
      jti: "1",
    };
    const header = { alg: "RS256", typ: "at+jwt", kid };
    const sign = (payload: object, more: object = {}) =>
      new SignJWT({ ...claims, ...payload })
        .setProtectedHeader({ ...header, ...more })
        .setExpirationTime("1m")
        .sign(privateKey);
    expect((await profileOf(suite.stack, await sign({}))).profile?.userId).to.equal(admin.userId);
    const bad = [
      await sign({ iss: "https://elsewhere.example" }),
      await sign({ aud: "elsewhere" }),
      await sign({}, { typ: "JWT" }),
      await sign({}, { kid: "unknown" }),
      await new SignJWT(claims).setProtectedHeader(header).setExpirationTime("-1m").sign(privateKey),
      await new SignJWT(claims)
        .setProtectedHeader({ ...header, alg: "HS256" })
        .setExpirationTime("1m")
        .sign(Buffer.from(JSON.stringify(publicKeys.keys[0]))),
      new UnsecuredJWT(claims).setExpirationTime("1m").encode(),
      `${admin.token.slice(0, -4)}AAAA`,
    ];
    for (const token of bad) {
      expect(await refusalOf(profileOf(suite.stack, token))).to.include({
        reason: "UNAUTHORIZED_TOKEN",
        code: "Unauthenticated",
      });
    }
  });

  it("are required by every method for users, and the role by those for administrators", async () => {
    expect(await refusalOf(suite.auth().listSessions({}))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    const person = await signUp(suite.stack);
    expect(await refusalOf(suite.admins(person.token).findUser({ email: person.email }))).to.include({
      reason: "FORBIDDEN",
    });
  });
});
