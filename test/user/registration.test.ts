import { expect } from "chai";
import { activationToken, activationTokens, logIn, mailsTo, signUp } from "../support/market/people.ts";
import {
  holds,
  newEmail,
  newPhone,
  openUserSuite,
  password,
  type UserSuite,
} from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

describe("user registration", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  const rowsOf = (table: "user" | "registration", email: string) =>
    suite.sql.query(`SELECT * FROM ${table} WHERE email = ?`, [email]) as Promise<Record<string, unknown>[]>;

  it("mails a link that creates the account once", async () => {
    const { registrationId, email } = await suite.register();
    expect(registrationId).to.match(/^[0-9a-f-]{36}$/);
    const token = await activationToken(suite.stack, email);
    const [mail] = await mailsTo(suite.stack, email);
    expect(mail?.html).to.include(`${suite.stack.env.USER_SITE_URL}/activate#token=${token}`);
    expect(await rowsOf("user", email)).to.have.length(0);
    await suite.registration().activateUser({ token, password });
    expect((await logIn(suite.stack, email, password)).token).to.not.equal("");
    expect(await refusalOf(suite.registration().activateUser({ token, password }))).to.include({
      reason: "NOT_FOUND",
    });
  });

  it("stores no token in plain text and ends after 24 hours", async () => {
    const { registrationId, email } = await suite.register();
    const token = await activationToken(suite.stack, email);
    const [row] = await suite.sql.query(
      `SELECT *, TIMESTAMPDIFF(SECOND, NOW(6), expire_time) AS seconds_left FROM registration
        WHERE registration_id = ?`,
      [registrationId],
    );
    expect(holds(row, token)).to.equal(false);
    expect(Number(row.seconds_left)).to.be.closeTo(86_400, 60);
  });

  it("gives an address to the owner of its mailbox, with the password of the owner's own registration", async () => {
    const email = `Mixed.${newEmail()}`;
    const phone = newPhone();
    await suite.register({ email, phone, password: "other-horse-1" });
    const otherToken = await activationToken(suite.stack, email.toLowerCase());
    await suite.register({ email: email.toUpperCase(), phone });
    await until(
      async () => (await activationTokens(suite.stack, email.toLowerCase())).length === 2,
      "the owner's mail arrived",
    );
    expect(
      await refusalOf(suite.registration().activateUser({ token: otherToken, password })),
      "the link of the other user, with the password of the owner",
    ).to.include({ reason: "FAIL_LOGIN" });
    const token = await activationToken(suite.stack, email.toLowerCase());
    await suite.registration().activateUser({ token, password });
    await logIn(suite.stack, email, password);
    expect(
      await refusalOf(suite.auth().login({ email, password: "other-horse-1" })),
      "login of the other user",
    ).to.include({ reason: "FAIL_LOGIN" });
    expect(
      await refusalOf(suite.registration().activateUser({ token: otherToken, password: "other-horse-1" })),
      "token of the other user",
    ).to.include({ reason: "NOT_FOUND" });
    expect(await rowsOf("registration", email.toLowerCase())).to.have.length(0);
  });

  it("lets several accounts have the same phone number, which is not verified", async () => {
    const phone = newPhone();
    const people = [await suite.register({ phone }), await suite.register({ phone })];
    for (const { email } of people) {
      await suite.registration().activateUser({ token: await activationToken(suite.stack, email), password });
      const { token } = await logIn(suite.stack, email, password);
      expect((await suite.profiles(token).getProfile({})).profile).to.include({ phone });
    }
  });

  it("answers the same for an address with an account, whose mailbox learns of it", async () => {
    const { email } = await signUp(suite.stack);
    const before = await mailsTo(suite.stack, email);
    const request = {
      email: email.toUpperCase(),
      password: "other-horse-1",
      name: "다른 사람",
      phone: newPhone(),
    };
    const answer = await suite.registration().registerUser(request);
    const fresh = await suite.registration().registerUser({ ...request, email: newEmail() });
    expect(Object.keys(answer)).to.deep.equal(Object.keys(fresh));
    expect(answer.registrationId).to.have.length(fresh.registrationId.length);
    const mail = await until(async () => {
      const mails = await mailsTo(suite.stack, email);
      return mails.length > before.length ? mails[0] : undefined;
    }, "the mail arrived");
    expect(mail?.subject).to.include("이미 가입된");
    expect(mail?.text).to.include(`${suite.stack.env.USER_SITE_URL}/login`);
    expect(await activationTokens(suite.stack, email), "links").to.have.length(1);
    await logIn(suite.stack, email, password);
  });

  it("takes the same steps for an address with an account, the password hash among them", async () => {
    const { email: taken } = await signUp(suite.stack);
    for (const email of [taken, newEmail()]) {
      await suite.register({ email });
      const [row] = await rowsOf("registration", email);
      expect(row?.password_hash).to.match(/^\$argon2id\$/);
    }
  });

  it("creates one account if several registrations of an address are activated in parallel", async () => {
    const email = newEmail();
    const passwords = Array.from({ length: 6 }, (_, index) => `parallel-horse-${index}`);
    const links: { token: string; password: string }[] = [];
    for (const each of passwords) {
      await suite.register({ email, password: each });
      const token = await until(async () => {
        const tokens = await activationTokens(suite.stack, email);
        return tokens.find(found => links.every(link => link.token !== found));
      }, "the mail arrived");
      links.push({ token, password: each });
    }
    const tries = links.map(link => suite.registration().activateUser(link));
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    for (const failed of tries.filter((_, index) => results[index]?.status === "rejected")) {
      expect(await refusalOf(failed)).to.include({ reason: "NOT_FOUND" });
    }
    expect(await rowsOf("user", email)).to.have.length(1);
    expect(await rowsOf("registration", email)).to.have.length(0);
    const logins = await Promise.allSettled(passwords.map(each => logIn(suite.stack, email, each)));
    expect(logins.filter(({ status }) => status === "fulfilled")).to.have.length(1);
  });

  it("puts nothing that the person who registered wrote into mails", async () => {
    const { email: taken } = await signUp(suite.stack);
    const email = newEmail();
    for (const to of [email, taken]) {
      await suite.register({ email: to, name: "당첨축하 spam.example", phone: "01099998888" });
    }
    const mails = await until(async () => {
      const all = [...(await mailsTo(suite.stack, email)), ...(await mailsTo(suite.stack, taken))];
      return all.length === 3 ? all : undefined;
    }, "both mails arrived");
    expect(JSON.stringify(mails)).to.not.match(/당첨|spam|0109999/);
  });

  it("refuses common passwords in any case", async () => {
    for (const common of ["password123", "PassWord123", "１２３４５６７８"]) {
      const call = suite.register({ password: common });
      expect(await refusalOf(call), common).to.include({
        reason: "COMMON_PASSWORD",
        code: "InvalidArgument",
      });
    }
  });

  it("refuses requests that violate the contract", async () => {
    const bad = [
      { email: "no-address" },
      { password: "short" },
      { password: "white space 1" },
      { password: "x".repeat(129) },
      { name: "한" },
      { name: " 수험생" },
      { name: "가".repeat(41) },
      { phone: "010-1234-5678" },
      { phone: "1012345678" },
    ];
    for (const fields of bad) {
      expect(await refusalOf(suite.register(fields)), JSON.stringify(fields)).to.include({
        reason: "BAD_REQUEST",
      });
    }
  });
});
