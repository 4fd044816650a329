import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { SocialAccountService, SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import * as userService from "#services/user/service.ts";
import { signUp } from "../support/market/people.ts";
import { openSocialSuite, providerOf, type SocialSuite } from "../support/market/social.ts";
import { password } from "../support/market/user-suite.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { startReplicaHere } from "../support/stack/replica.ts";

describe("social logins that are in flight", () => {
  let suite: SocialSuite;

  before(async () => {
    suite = await openSocialSuite();
  });
  after(() => suite?.close());

  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;

  it("are completed by any replica, with a handle that a browser gets as a cookie for this service alone", async () => {
    const replica = await startReplicaHere(suite.stack, "user", userService, {
      USER_SOCIAL_NAVER_CLIENT_ID: "",
      USER_SOCIAL_GOOGLE_ISSUER_URL: "http://127.0.0.1:1",
    });
    try {
      const stack = { ...suite.stack, gatewayUrl: replica.httpUrl };
      const elsewhere = (token?: string, headers = {}) =>
        createPublicClient(stack, SocialAccountService, { token, headers });
      const cookies: string[] = [];
      const onHeader = (headers: Headers) => void cookies.push(...headers.getSetCookie());
      const person = await suite.addPerson("kakao");
      const provider = providerOf(person);
      const start = await suite.social().startSocialLogin({ provider, useCookie: true }, { onHeader });
      expect(start.handle).to.equal("");
      expect(cookies[0]).to.match(/^qc_social=[\w-]{43}; /);
      expect(cookies[0]).to.include("; Path=/questioncloud.user.v1.SocialAccountService; ");
      expect(cookies[0]).to.include("HttpOnly; SameSite=Strict");
      const cookie = cookies[0]?.split(";")[0] ?? "";
      const browser = elsewhere(undefined, { cookie });
      await browser.startSocialLogin({ provider, useCookie: true }, { onHeader });
      expect(cookies[1]?.split(";")[0], "two tabs share it").to.equal(cookie);
      const callback = await suite.agree(person, start);
      expect((await browser.completeSocialLogin({ callback })).signUp).not.to.equal(undefined);

      expect((await elsewhere().listSocialProviders({})).providers).not.to.include(SocialProvider.NAVER);
      const { token } = await signUp(suite.stack);
      const starts = (on: SocialProvider) => [
        () => elsewhere().startSocialLogin({ provider: on }),
        () => elsewhere(token).startSocialLink({ provider: on, password }),
      ];
      for (const call of starts(SocialProvider.NAVER)) {
        expect(await reasonOf(call())).to.equal("SOCIAL_PROVIDER_OFF");
      }
      for (const call of starts(SocialProvider.GOOGLE)) {
        expect(await reasonOf(call())).to.equal("SOCIAL_PROVIDER_UNAVAILABLE");
      }
    } finally {
      await replica.stop();
    }
  });

  it("leave no code, state, handle, token or address in the log, and only hashes in the database", async () => {
    const person = await suite.addPerson("google", { name: "로그에없는소셜" });
    const callback = await suite.arrive(person);
    const [row] = await suite.sql.query("SELECT * FROM social_login ORDER BY expire_time DESC LIMIT 1");
    expect(JSON.stringify(row)).not.to.include(callback.state).and.not.include(callback.handle);
    const { signUp: offered } = await suite.complete(callback);
    await refusalOf(suite.complete(callback));
    await suite.sim.setFaults(person, { idToken: { nonce: "wrong" } });
    await refusalOf(suite.logIn(person));
    const files = [...suite.stack.processes.values()].map(({ logFile }) => readFile(logFile, "utf8"));
    const text = (await Promise.all(files)).join("");
    const secrets = [callback.code, callback.state, callback.handle, offered?.registerToken ?? ""];
    for (const secret of [...secrets, person.email ?? "", "로그에없는소셜"]) {
      expect(text.includes(secret), secret).to.equal(false);
    }
  });

  it("can be expired, after which a callback is refused", async () => {
    const callback = await suite.arrive(await suite.addPerson("kakao"));
    await suite.sql.query(
      "UPDATE social_login SET expire_time = NOW(6) WHERE state_hash = UNHEX(SHA2(?, 256))",
      [callback.state],
    );
    expect(await reasonOf(suite.complete(callback))).to.equal("FAIL_SOCIAL_LOGIN");
  });
});
