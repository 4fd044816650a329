import { expect } from "chai";
import { linkToken, logIn, mailsTo, type Person, profileOf, signUp } from "../support/market/people.ts";
import { newEmail, openUserSuite, password, type UserSuite } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

describe("a change of the e-mail address", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  const request = (person: Person, newAddress: string) =>
    suite.account(person.token).requestEmailChange({ newEmail: newAddress, password });
  const confirm = (person: Person, token: string) =>
    suite.account(person.token).confirmEmailChange({ token });
  const report = (token: string) => suite.accounts().reportEmailChange({ token });
  const confirmToken = (email: string) => linkToken(suite.stack, email, "confirm-email");
  const reportToken = (email: string) => linkToken(suite.stack, email, "report-email");
  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;

  it("takes the password and the token that was mailed to the new address, which works once", async () => {
    const [person, address] = [await signUp(suite.stack), newEmail()];
    const wrong = suite
      .account(person.token)
      .requestEmailChange({ newEmail: address, password: "wrong-horse-1" });
    expect(await reasonOf(wrong)).to.equal("FAIL_LOGIN");
    await request(person, address.toUpperCase());
    const token = await confirmToken(address);
    expect((await profileOf(suite.stack, person.token)).profile?.email).to.equal(person.email);
    await confirm(person, token);
    expect((await profileOf(suite.stack, person.token)).profile?.email).to.equal(address);
    expect(await reasonOf(confirm(person, token))).to.equal("NOT_FOUND");
    await logIn(suite.stack, address, password);
    expect(await reasonOf(suite.auth().login({ email: person.email, password }))).to.equal("FAIL_LOGIN");
  });

  it("frees the previous address, and discards the registrations of the new one", async () => {
    const [person, address] = [await signUp(suite.stack), newEmail()];
    await suite.register({ email: address });
    await request(person, address);
    await confirm(person, await confirmToken(address));
    const open = await suite.sql.query("SELECT 1 FROM registration WHERE email = ?", [address]);
    expect(open).to.deep.equal([]);
    expect(await suite.signUpWith({ email: person.email })).to.equal(person.email);
  });

  it("tells an address that has an account, and nothing in the answer", async () => {
    const [person, other] = [await signUp(suite.stack), await signUp(suite.stack)];
    const answers = [await request(person, newEmail()), await request(person, other.email)];
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).to.equal(1);
    const told = async () =>
      (await mailsTo(suite.stack, other.email)).some(({ subject }) => subject.includes("이미 가입된"));
    await until(told, "the mail arrived");
    expect(JSON.stringify(await mailsTo(suite.stack, other.email))).not.to.include("confirm-email");
  });

  it("is refused if the address got an account in the meantime, or a newer change was requested", async () => {
    const [person, taken, later] = [await signUp(suite.stack), newEmail(), newEmail()];
    await request(person, taken);
    const token = await confirmToken(taken);
    await suite.signUpWith({ email: taken });
    expect(await reasonOf(confirm(person, token))).to.equal("NOT_FOUND");
    await request(person, later);
    const replaced = await confirmToken(later);
    await request(person, newEmail());
    expect(await reasonOf(confirm(person, replaced))).to.equal("NOT_FOUND");
  });

  it("is not discarded by another user who requests the same address", async () => {
    const [person, other, address] = [await signUp(suite.stack), await signUp(suite.stack), newEmail()];
    await request(person, address);
    const token = await confirmToken(address);
    await request(other, address);
    const sent = async () => (await mailsTo(suite.stack, address)).length === 2;
    await until(sent, "the mail of the other request arrived");
    await confirm(person, token);
    expect((await profileOf(suite.stack, person.token)).profile?.email).to.equal(address);
  });

  it("is confirmed by the user who requested it alone, not by another who has the link", async () => {
    const [person, other, address] = [await signUp(suite.stack), await signUp(suite.stack), newEmail()];
    await request(person, address);
    const token = await confirmToken(address);
    const anyone = suite.accounts().confirmEmailChange({ token });
    expect(await reasonOf(anyone)).to.equal("UNAUTHORIZED_TOKEN");
    expect(await reasonOf(confirm(other, token))).to.equal("NOT_FOUND");
    await confirm(person, token);
  });

  it("is dropped by a new password, for who requested it may not be the owner", async () => {
    const [person, address] = [await signUp(suite.stack), newEmail()];
    await request(person, address);
    const token = await confirmToken(address);
    const newPassword = "battery-staple-2";
    await suite.account(person.token).changePassword({ currentPassword: password, newPassword });
    expect(await reasonOf(confirm(person, token))).to.equal("NOT_FOUND");
  });

  it("leaves no token at the previous address that is accepted in place of the password", async () => {
    const [person, address] = [await signUp(suite.stack), newEmail()];
    const account = suite.account(person.token);
    await request(person, address);
    const token = await confirmToken(address);
    await account.requestConfirmation({});
    const confirmationToken = await linkToken(suite.stack, person.email, "account");
    await confirm(person, token);
    expect(await reasonOf(account.withdraw({ confirmationToken, waivePoints: true }))).to.equal("FAIL_LOGIN");
  });

  it("is undone by the previous address, which ends the sessions and locks the password", async () => {
    const [person, address] = [await signUp(suite.stack), newEmail()];
    await request(person, address);
    const [token, undo] = [await confirmToken(address), await reportToken(person.email)];
    await confirm(person, token);
    await report(undo);
    expect(await reasonOf(suite.refresh(person.refreshToken))).to.equal("UNAUTHORIZED_TOKEN");
    for (const email of [person.email, address]) {
      expect(await reasonOf(suite.auth().login({ email, password }))).to.equal("FAIL_LOGIN");
    }
    expect(await reasonOf(report(undo))).to.equal("NOT_FOUND");
    await suite.accounts().requestPasswordReset({ email: person.email });
    const reset = await linkToken(suite.stack, person.email, "reset-password");
    await suite.accounts().resetPassword({ token: reset, newPassword: "battery-staple-2" });
    await logIn(suite.stack, person.email, "battery-staple-2");
  });

  it("is undone before it is confirmed, and through any later change", async () => {
    const [person, second, third] = [await signUp(suite.stack), newEmail(), newEmail()];
    await request(person, second);
    const [token, undo] = [await confirmToken(second), await reportToken(person.email)];
    await confirm(person, token);
    await request(person, third);
    await confirm(person, await confirmToken(third));
    await request(person, newEmail());
    await report(undo);
    expect(await reasonOf(report(await reportToken(second)))).to.equal("NOT_FOUND");
    const [row] = await suite.sql.query("SELECT email FROM user WHERE user_id = ?", [person.userId]);
    expect(row).to.deep.equal({ email: person.email });
  });

  it("refuses users who are not active", async () => {
    const person = await signUp(suite.stack);
    await suite.account(person.token).withdraw({ password, waivePoints: true });
    expect(await reasonOf(request(person, newEmail()))).to.equal("NOT_ACTIVE_USER");
  });
});
