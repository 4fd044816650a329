import { expect } from "chai";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { activationToken, mailsTo, type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import {
  ageMails,
  countMails,
  newEmail,
  openUserSuite,
  type UserSuite,
} from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

describe("user activation", () => {
  let suite: UserSuite;
  let admin: Person;

  before(async () => {
    suite = await openUserSuite();
    admin = await signUpAdmin(suite.stack);
  });
  after(() => suite?.close());

  it("sends the mail again with a token that replaces the old one, at most once a minute", async () => {
    const { userId, email } = await suite.register();
    const old = await activationToken(suite.stack, email);
    await suite.registration().resendActivationMail({ email });
    expect(await countMails(suite.sql, userId)).to.equal(1);
    await ageMails(suite.sql, userId);
    await Promise.all(
      Array.from({ length: 5 }, () =>
        suite.registration().resendActivationMail({ email: email.toUpperCase() }),
      ),
    );
    expect(await countMails(suite.sql, userId)).to.equal(2);
    await until(async () => (await mailsTo(suite.stack, email)).length === 2, "the second mail arrived");
    const token = await activationToken(suite.stack, email);
    expect(token).to.not.equal(old);
    expect(await refusalOf(suite.registration().activateUser({ token: old }))).to.include({
      reason: "NOT_FOUND",
    });
    await suite.registration().activateUser({ token });
  });

  it("answers the same for unknown and active addresses, and sends nothing", async () => {
    const person = await signUp(suite.stack);
    await ageMails(suite.sql, person.userId);
    await suite.registration().resendActivationMail({ email: newEmail() });
    await suite.registration().resendActivationMail({ email: person.email });
    expect(await countMails(suite.sql, person.userId)).to.equal(1);
  });

  it("refuses an expired token", async () => {
    const { userId, email } = await suite.register();
    const token = await activationToken(suite.stack, email);
    await suite.sql.query("UPDATE activation_token SET expire_time = NOW(6) WHERE user_id = ?", [userId]);
    expect(await refusalOf(suite.registration().activateUser({ token }))).to.include({ reason: "NOT_FOUND" });
  });

  it("does not activate a banned user with a valid token", async () => {
    const { userId, email } = await suite.register();
    const token = await activationToken(suite.stack, email);
    await suite.admins(admin.token).banUser({ userId, reason: "spam" });
    expect(await refusalOf(suite.registration().activateUser({ token }))).to.include({ reason: "NOT_FOUND" });
    const { user } = await suite.admins(admin.token).unbanUser({ userId, reason: "mistake" });
    expect(user?.status).to.equal(UserStatus.PENDING);
    await suite.registration().activateUser({ token });
  });

  it("activates once if a token is used in parallel", async () => {
    const { email } = await suite.register();
    const token = await activationToken(suite.stack, email);
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => suite.registration().activateUser({ token })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
  });
});
