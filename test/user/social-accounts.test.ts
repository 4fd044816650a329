import { expect } from "chai";
import { SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { linkToken, mailsTo, type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import { openSocialSuite, type SocialSuite } from "../support/market/social.ts";
import { newEmail, password, unknownUserId } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { until } from "../support/stack/until.ts";

describe("social accounts", () => {
  let suite: SocialSuite;
  let admin: Person;

  before(async () => {
    suite = await openSocialSuite();
    admin = await signUpAdmin(suite.stack);
  });
  after(() => suite?.close());

  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const listOf = async (token: string) => {
    const { accounts, hasPassword } = await suite.social(token).listSocialAccounts({});
    return { providers: accounts.map(({ provider }) => provider), hasPassword };
  };

  /** The token that a user without a password is mailed to confirm who they are. */
  async function confirm(account: ReturnType<SocialSuite["account"]>, email = ""): Promise<string> {
    await account.requestConfirmation({});
    return linkToken(suite.stack, email, "account");
  }

  it("have no password, which an outsider cannot tell from having no account", async () => {
    const person = await suite.addPerson("google");
    const { tokens } = await suite.signUp(person);
    const token = tokens?.accessToken ?? "";
    const outside = suite.auth().login({ email: person.email ?? "", password });
    expect(await reasonOf(outside)).to.equal("FAIL_LOGIN");
    const account = suite.account(token);
    const [newPassword, address] = ["battery-staple-2", "new@example.com"];
    const operations = [
      () => account.changePassword({ currentPassword: password, newPassword }),
      () => account.requestEmailChange({ newEmail: address, password }),
      () => account.withdraw({ password, waivePoints: true }),
    ];
    for (const operation of operations) {
      expect(await reasonOf(operation())).to.equal("NOT_PASSWORD_SUPPORT_ACCOUNT");
    }
    expect(await listOf(token)).to.deep.equal({ providers: [SocialProvider.GOOGLE], hasPassword: false });
  });

  it("are told by mail, and by nothing in the answer, that there is no password to reset", async () => {
    const person = await suite.addPerson("google");
    const email = person.email ?? "";
    await suite.signUp(person);
    await suite.accounts().requestPasswordReset({ email });
    const told = async () => (await mailsTo(suite.stack, email))[0];
    const mail = await until(told, "the mail arrived");
    expect(mail.subject).to.include("소셜 로그인");
    expect(mail.text).not.to.include("token=");
  });

  it("confirm who they are by a mailed token, once, to change the address and to withdraw", async () => {
    const person = await suite.addPerson("kakao");
    const { tokens } = await suite.signUp(person);
    const account = suite.account(tokens?.accessToken ?? "");
    const other = await signUp(suite.stack);
    const first = await confirm(account, person.email);
    const address = newEmail();
    const stolen = suite
      .account(other.token)
      .requestEmailChange({ newEmail: address, confirmationToken: first });
    expect(await reasonOf(stolen)).to.equal("FAIL_LOGIN");
    await account.requestEmailChange({ newEmail: address, confirmationToken: first });
    const again = account.withdraw({ confirmationToken: first, waivePoints: true });
    expect(await reasonOf(again)).to.equal("FAIL_LOGIN");
    const token = await linkToken(suite.stack, address, "confirm-email");
    await account.confirmEmailChange({ token });
    await account.withdraw({ confirmationToken: await confirm(account, address), waivePoints: true });
    expect(await reasonOf(account.requestConfirmation({}))).to.equal("NOT_ACTIVE_USER");
  });

  it("are linked with the password or a mailed token, which a stolen access token does not give", async () => {
    const provider = SocialProvider.GOOGLE;
    const { token, email } = await signUp(suite.stack);
    const start = (evidence: object) =>
      reasonOf(suite.social(token).startSocialLink({ provider, ...evidence }));
    expect(await start({})).to.equal("FAIL_LOGIN");
    expect(await start({ password: "wrong-horse-1" })).to.equal("FAIL_LOGIN");
    expect(await start({ confirmationToken: "A".repeat(43) })).to.equal("FAIL_LOGIN");
    const confirmationToken = await confirm(suite.account(token), email);
    await suite.social(token).startSocialLink({ provider, confirmationToken });
    expect(await start({ confirmationToken })).to.equal("FAIL_LOGIN");
    const { tokens } = await suite.signUp(await suite.addPerson("kakao"));
    const social = suite.social(tokens?.accessToken ?? "");
    expect(await reasonOf(social.startSocialLink({ provider, password }))).to.equal(
      "NOT_PASSWORD_SUPPORT_ACCOUNT",
    );
  });

  it("are linked one of each provider, and only to the user who started it", async () => {
    const [first, second] = [await signUp(suite.stack), await signUp(suite.stack)];
    const person = await suite.addPerson("naver");
    const start = await suite
      .social(first.token)
      .startSocialLink({ provider: SocialProvider.NAVER, password });
    const callback = await suite.agree(person, start);
    const misuses = [
      () => suite.social(second.token).linkSocialAccount({ callback }),
      () => suite.complete(callback),
    ];
    for (const misuse of misuses) {
      expect(await reasonOf(misuse())).to.equal("FAIL_SOCIAL_LOGIN");
    }
    await suite.social(first.token).linkSocialAccount({ callback });
    await suite.link(person, first.token);
    expect((await listOf(first.token)).providers).to.deep.equal([SocialProvider.NAVER]);

    expect(await reasonOf(suite.link(person, second.token))).to.equal("ALREADY_LINKED_SOCIAL_ACCOUNT");
    const other = suite.link(await suite.addPerson("naver"), first.token);
    expect(await reasonOf(other)).to.equal("ALREADY_LINKED_SOCIAL_ACCOUNT");
    await suite.link(await suite.addPerson("kakao"), first.token);
    expect((await listOf(first.token)).providers).to.have.length(2);
  });

  it("are not linked by a login, if the provider fails, or if the person does not agree", async () => {
    const { token } = await signUp(suite.stack);
    const person = await suite.addPerson("kakao");
    const callback = await suite.arrive(person);
    expect(await reasonOf(suite.social(token).linkSocialAccount({ callback }))).to.equal("FAIL_SOCIAL_LOGIN");
    await suite.sim.setFaults(person, { token: [{ status: 502 }] });
    expect(await reasonOf(suite.link(person, token))).to.equal("SOCIAL_PROVIDER_UNAVAILABLE");
    const start = await suite.social(token).startSocialLink({ provider: SocialProvider.KAKAO, password });
    const { searchParams } = await suite.sim.refuse(start.authorizationUrl);
    const state = searchParams.get("state") ?? "";
    const refused = { provider: SocialProvider.KAKAO, state, error: "access_denied", handle: start.handle };
    const call = suite.social(token).linkSocialAccount({ callback: refused });
    expect(await reasonOf(call)).to.equal("SOCIAL_CONSENT_REFUSED");
    expect((await listOf(token)).providers).to.deep.equal([]);
  });

  it("are named in a mail when they are linked or unlinked, so that no one adds a login unseen", async () => {
    const user = await signUp(suite.stack);
    await suite.link(await suite.addPerson("kakao"), user.token);
    await suite.social(user.token).unlinkSocialAccount({ provider: SocialProvider.KAKAO });
    const subjects = await until(async () => {
      const found = (await mailsTo(suite.stack, user.email)).map(({ subject }) => subject);
      return found.length === 3 && found;
    }, "both mails have arrived");
    expect(subjects).to.include.members([
      "[QuestionCloud] 카카오 계정이 연결되었습니다",
      "[QuestionCloud] 카카오 계정이 연결 해제되었습니다",
    ]);
  });

  it("are unlinked, but never the last way to log in", async () => {
    const person = await suite.addPerson("kakao");
    const token = (await suite.signUp(person)).tokens?.accessToken ?? "";
    const unlink = (provider: SocialProvider) => suite.social(token).unlinkSocialAccount({ provider });
    expect(await reasonOf(unlink(SocialProvider.KAKAO))).to.equal("LAST_LOGIN_METHOD");
    expect(await reasonOf(unlink(SocialProvider.GOOGLE))).to.equal("NOT_FOUND");
    const confirmation = await confirm(suite.account(token), person.email);
    await suite.link(await suite.addPerson("google"), token, confirmation);
    const both = await Promise.allSettled([unlink(SocialProvider.KAKAO), unlink(SocialProvider.GOOGLE)]);
    expect(both.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    expect((await listOf(token)).providers).to.have.length(1);
  });

  it("cannot be linked, unlinked or listed by a user who is banned or does not exist", async () => {
    const { token, userId } = await signUp(suite.stack);
    const person = await suite.addPerson("google");
    await suite.link(person, token);
    const other = await suite.addPerson("kakao");
    const start = () => suite.social(token).startSocialLink({ provider: SocialProvider.KAKAO, password });
    const callback = await suite.agree(other, await start());
    await suite.admins(admin.token).banUser({ userId, reason: "시험" });
    expect(await reasonOf(suite.social(token).linkSocialAccount({ callback }))).to.equal("NOT_ACTIVE_USER");
    expect(await reasonOf(start())).to.equal("NOT_ACTIVE_USER");
    const unlink = suite.social(token).unlinkSocialAccount({ provider: SocialProvider.GOOGLE });
    expect(await reasonOf(unlink)).to.equal("NOT_ACTIVE_USER");
    const unknown = await signAccessToken(suite.stack, { userId: unknownUserId });
    expect(await reasonOf(suite.social(unknown).listSocialAccounts({}))).to.equal("NOT_FOUND");
  });

  it("are forgotten when their user withdraws, so that the person can sign up anew", async () => {
    const user = await signUp(suite.stack);
    const person = await suite.addPerson("kakao");
    await suite.link(person, user.token);
    await suite.account(user.token).withdraw({ password, waivePoints: true });
    expect((await suite.logIn(person)).signUp).not.to.equal(undefined);
  });

  it("are unlinked if the owner of the account reports that someone changed its address", async () => {
    const user = await signUp(suite.stack);
    const person = await suite.addPerson("google");
    await suite.link(person, user.token);
    await suite.account(user.token).requestEmailChange({ newEmail: "else@example.com", password });
    const token = await linkToken(suite.stack, user.email, "report-email");
    await suite.accounts().reportEmailChange({ token });
    expect((await suite.logIn(person)).signUp).not.to.equal(undefined);
  });

  it("are unlinked by such a report where they are the only way in, and a new password is the next", async () => {
    const person = await suite.addPerson("google");
    const { tokens } = await suite.signUp(person);
    const token = tokens?.accessToken ?? "";
    const email = person.email ?? "";
    const confirmationToken = await confirm(suite.account(token), email);
    await suite.account(token).requestEmailChange({ newEmail: "else@example.com", confirmationToken });
    await suite.accounts().reportEmailChange({ token: await linkToken(suite.stack, email, "report-email") });
    expect(await reasonOf(suite.logIn(person))).to.equal("SOCIAL_EMAIL_TAKEN");
    await suite.accounts().requestPasswordReset({ email });
    const reset = await linkToken(suite.stack, email, "reset-password");
    await suite.accounts().resetPassword({ token: reset, newPassword: "another-horse-2" });
    expect((await suite.auth().login({ email, password: "another-horse-2" })).tokens).not.to.equal(undefined);
  });
});
