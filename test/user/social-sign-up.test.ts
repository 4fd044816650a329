import { expect } from "chai";
import { SignJWT } from "jose";
import { signUp } from "../support/market/people.ts";
import { openSocialSuite, type SocialSuite } from "../support/market/social.ts";
import { newPhone } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("sign-up with a social account", () => {
  let suite: SocialSuite;

  before(async () => {
    suite = await openSocialSuite();
  });
  after(() => suite?.close());

  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const register = (registerToken: string) =>
    suite.social().registerSocialUser({ registerToken, name: "한수험", phone: newPhone() });
  const prepare = async (person: Parameters<SocialSuite["logIn"]>[0]) =>
    (await suite.logIn(person)).signUp?.registerToken ?? "";

  it("creates one account, however often its token is used", async () => {
    const registerToken = await prepare(await suite.addPerson("kakao"));
    const calls = await Promise.allSettled(Array.from({ length: 4 }, () => register(registerToken)));
    expect(calls.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    expect(await reasonOf(register(registerToken))).to.equal("ALREADY_LINKED_SOCIAL_ACCOUNT");
  });

  it("is refused if the social account was linked to another user, or the address was taken, meanwhile", async () => {
    const linked = await suite.addPerson("kakao");
    const late = await prepare(linked);
    await suite.link(linked, (await signUp(suite.stack)).token);
    expect(await reasonOf(register(late))).to.equal("ALREADY_LINKED_SOCIAL_ACCOUNT");

    const person = await suite.addPerson("google");
    const registerToken = await prepare(person);
    await signUp(suite.stack, "주인", person.email);
    expect(await reasonOf(register(registerToken))).to.equal("SOCIAL_EMAIL_TAKEN");
  });

  it("needs a token that was signed for it", async () => {
    const claims = { provider: "KAKAO", email: "victim@example.com" };
    const forge = (typ: string, secret: string) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ })
        .setSubject("1")
        .setExpirationTime("5m")
        .sign(new TextEncoder().encode(secret));
    const secret = suite.stack.env.USER_DEVICE_SECRETS ?? "";
    const tokens = [
      await forge("device+jwt", secret),
      await forge("social-register+jwt", "another-secret-of-32-characters!"),
      "x".repeat(40),
    ];
    for (const token of tokens) {
      expect(await reasonOf(register(token))).to.equal("FAIL_SOCIAL_LOGIN");
    }
  });

  it("drops the open registrations of its address", async () => {
    const person = await suite.addPerson("kakao");
    const { registrationId } = await suite.register({ email: person.email ?? "" });
    await suite.signUp(person);
    const rows = await suite.sql.query("SELECT 1 FROM registration WHERE registration_id = ?", [
      registrationId,
    ]);
    expect(rows).to.have.length(0);
  });
});
