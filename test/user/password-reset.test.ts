import { expect } from "chai";
import { linkToken, logIn, mailsTo, signUp, signUpAdmin } from "../support/market/people.ts";
import { newEmail, newPhone, openUserSuite, password, type UserSuite } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

const newPassword = "battery-staple-2";

describe("a forgotten password", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  const subjects = async (email: string) => (await mailsTo(suite.stack, email)).map(({ subject }) => subject);
  const request = (email: string) => suite.accounts().requestPasswordReset({ email });
  const reset = (token: string) => suite.accounts().resetPassword({ token, newPassword });
  const tokenFor = (email: string) => linkToken(suite.stack, email, "reset-password");
  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  /** Waits until the mail of the newest request for an address was sent or dropped. */
  const finished = (email: string) =>
    until(async () => {
      const [row] = await suite.sql.query(
        `SELECT m.state FROM mail m JOIN account_request r ON r.request_id = m.request_id
          WHERE r.email = ? ORDER BY m.mail_id DESC`,
        [email],
      );
      return row?.state === "PENDING" ? undefined : (row?.state as string);
    }, "the mail is finished");

  it("is replaced with the token that was mailed, which ends every session and works once", async () => {
    const person = await signUp(suite.stack);
    await request(person.email.toUpperCase());
    const token = await tokenFor(person.email);
    await reset(token);
    expect(await reasonOf(suite.refresh(person.refreshToken))).to.equal("UNAUTHORIZED_TOKEN");
    expect(await reasonOf(suite.auth().login({ email: person.email, password }))).to.equal("FAIL_LOGIN");
    await logIn(suite.stack, person.email, newPassword);
    expect(await refusalOf(reset(token))).to.include({ reason: "NOT_FOUND", code: "NotFound" });
  });

  it("is answered the same for an address without an account, which gets no mail", async () => {
    const [person, unknown] = [await signUp(suite.stack), newEmail()];
    const answers = [await request(person.email), await request(unknown)];
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).to.equal(1);
    expect(await finished(unknown)).to.equal("DROPPED");
    expect(await subjects(unknown)).to.deep.equal([]);
  });

  it("is not replaced for a banned user, who gets no mail", async () => {
    const [person, admin] = [await signUp(suite.stack), await signUpAdmin(suite.stack)];
    await request(person.email);
    const token = await tokenFor(person.email);
    await suite.admins(admin.token).banUser({ userId: person.userId, reason: "for a test" });
    expect(await reasonOf(reset(token))).to.equal("NOT_FOUND");
    await request(person.email);
    expect(await finished(person.email)).to.equal("DROPPED");
  });

  it("has one token at a time: a newer mail replaces the older one", async () => {
    const { email } = await signUp(suite.stack);
    await request(email);
    const older = await tokenFor(email);
    await request(email);
    const newer = await until(async () => {
      const token = await tokenFor(email);
      return token === older ? undefined : token;
    }, "the newer mail arrived");
    expect(await reasonOf(reset(older))).to.equal("NOT_FOUND");
    await reset(newer);
  });

  it("refuses tokens that are unknown, forged or expired, and common passwords without using the token", async () => {
    const { email, token: access } = await signUp(suite.stack);
    await request(email);
    const token = await tokenFor(email);
    const common = suite.accounts().resetPassword({ token, newPassword: "password123" });
    expect(await reasonOf(common)).to.equal("COMMON_PASSWORD");
    expect(await reasonOf(reset("A".repeat(43)))).to.equal("NOT_FOUND");
    expect(await reasonOf(suite.account(access).confirmEmailChange({ token }))).to.equal("NOT_FOUND");
    await suite.sql.query("UPDATE account_request SET expire_time = NOW(6) WHERE email = ?", [email]);
    expect(await reasonOf(reset(token))).to.equal("NOT_FOUND");
  });

  it("is not replaced by a token from before the user changed it", async () => {
    const { email, token: access } = await signUp(suite.stack);
    await request(email);
    const token = await tokenFor(email);
    await suite
      .account(access)
      .changePassword({ currentPassword: password, newPassword: "battery-staple-3" });
    expect(await reasonOf(reset(token))).to.equal("NOT_FOUND");
    await logIn(suite.stack, email, "battery-staple-3");
  });

  it("is reset once if a token is used in parallel", async () => {
    const { email } = await signUp(suite.stack);
    await request(email);
    const token = await tokenFor(email);
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => reset(token)));
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
  });

  it("keeps its token when the link is opened with GET, as scanners of mails do", async () => {
    const { email } = await signUp(suite.stack);
    await request(email);
    const token = await tokenFor(email);
    const message = encodeURIComponent(JSON.stringify({ token, newPassword }));
    const method = "questioncloud.user.v1.AccountService/ResetPassword";
    const scanned = await fetch(
      `${suite.stack.gatewayUrl}/${method}?connect=v1&encoding=json&message=${message}`,
    );
    expect(scanned.ok).to.equal(false);
    await reset(token);
  });

  it("is asked for a few times an hour for one address, known or not", async () => {
    for (const email of [(await signUp(suite.stack)).email, newEmail()]) {
      for (let mails = 1; mails <= 5; mails++) {
        await request(email);
      }
      expect(await refusalOf(request(email))).to.include({ reason: "RATE_LIMITED" });
    }
  });

  it("stores its token only as a hash", async () => {
    const { email } = await signUp(suite.stack);
    await request(email);
    const token = await tokenFor(email);
    const rows = await suite.sql.query("SELECT * FROM account_request WHERE email = ?", [email]);
    expect(rows).to.have.length(1);
    expect(JSON.stringify(rows)).not.to.include(token);
  });
});

describe("a forgotten e-mail address", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("is told by a mail to each account with the phone number, and by nothing in the answer", async () => {
    const phone = newPhone();
    const [one, two] = [await suite.signUpWith({ phone }), await suite.signUpWith({ phone })];
    const known = await suite.accounts().requestEmailReminder({ phone });
    const unknown = await suite.accounts().requestEmailReminder({ phone: newPhone() });
    expect(JSON.stringify(known)).to.equal(JSON.stringify(unknown));
    for (const email of [one, two]) {
      const arrived = async () =>
        (await mailsTo(suite.stack, email)).find(({ text }) => text.includes(email));
      expect((await until(arrived, "the reminder arrived")).subject).to.include("가입하신 이메일 주소");
    }
  });

  it("is asked for a few times an hour for one phone number", async () => {
    const phone = newPhone();
    for (let mails = 1; mails <= 5; mails++) {
      await suite.accounts().requestEmailReminder({ phone });
    }
    expect(await refusalOf(suite.accounts().requestEmailReminder({ phone }))).to.include({
      reason: "RATE_LIMITED",
    });
  });
});
