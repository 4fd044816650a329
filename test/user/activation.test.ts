import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { activationToken, logIn, mailsTo, signUp } from "../support/market/people.ts";
import {
  ageMails,
  countMails,
  openUserSuite,
  password,
  type UserSuite,
} from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

describe("user activation", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("sends the mail again with a token that replaces the old one, at most once a minute", async () => {
    const { registrationId, email } = await suite.register();
    const old = await activationToken(suite.stack, email);
    await suite.registration().resendActivationMail({ registrationId });
    expect(await countMails(suite.sql, registrationId)).to.equal(1);
    await ageMails(suite.sql, registrationId);
    await Promise.all(
      Array.from({ length: 5 }, () =>
        suite.registration().resendActivationMail({ registrationId: registrationId.toUpperCase() }),
      ),
    );
    expect(await countMails(suite.sql, registrationId)).to.equal(2);
    await until(async () => (await mailsTo(suite.stack, email)).length === 2, "the second mail arrived");
    const token = await activationToken(suite.stack, email);
    expect(token).to.not.equal(old);
    expect(await refusalOf(suite.registration().activateUser({ token: old, password }))).to.include({
      reason: "NOT_FOUND",
    });
    await suite.registration().activateUser({ token, password });
  });

  it("sends at most five mails for a registration", async () => {
    const { registrationId, email } = await suite.register();
    for (let mails = 1; mails <= 6; mails++) {
      await until(
        async () => (await mailsTo(suite.stack, email)).length === Math.min(mails, 5),
        "the mail arrived",
      );
      await ageMails(suite.sql, registrationId);
      await suite.registration().resendActivationMail({ registrationId });
    }
    expect(await countMails(suite.sql, registrationId)).to.equal(5);
    await suite.registration().activateUser({ token: await activationToken(suite.stack, email), password });
  });

  it("answers a resend the same whatever became of the registration, and mails only the address", async () => {
    const { email } = await signUp(suite.stack);
    const { registrationId } = await suite.register({ email });
    const known = async (mails: number) =>
      until(async () => (await mailsTo(suite.stack, email)).length === mails, "the mail arrived");
    await known(2);
    await ageMails(suite.sql, registrationId);
    const answers = [
      await suite.registration().resendActivationMail({ registrationId }),
      await suite.registration().resendActivationMail({ registrationId: randomUUID() }),
    ];
    await known(3);
    const subjects = (await mailsTo(suite.stack, email)).map(({ subject }) =>
      subject.includes("이미 가입된"),
    );
    expect(subjects).to.deep.equal([true, true, false]);
    const open = await suite.register();
    const token = await activationToken(suite.stack, open.email);
    await suite.registration().activateUser({ token, password });
    await ageMails(suite.sql, open.registrationId);
    answers.push(await suite.registration().resendActivationMail({ registrationId: open.registrationId }));
    expect(await countMails(suite.sql, open.registrationId)).to.equal(1);
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).to.equal(1);
  });

  it("refuses the token of a registration that has ended", async () => {
    const { registrationId, email } = await suite.register();
    const token = await activationToken(suite.stack, email);
    await suite.sql.query("UPDATE registration SET expire_time = NOW(6) WHERE registration_id = ?", [
      registrationId,
    ]);
    expect(await refusalOf(suite.registration().activateUser({ token, password }))).to.include({
      reason: "NOT_FOUND",
    });
  });

  it("refuses the token of a registration whose address got its account in the meantime", async () => {
    const { email } = await signUp(suite.stack);
    const { registrationId } = await suite.register({ email, password: "late-horse-1" });
    await until(async () => (await mailsTo(suite.stack, email)).length === 2, "the mail arrived");
    const token = randomUUID();
    await suite.sql.query(
      "UPDATE registration SET token_hash = UNHEX(SHA2(?, 256)) WHERE registration_id = ?",
      [token, registrationId],
    );
    const late = suite.registration().activateUser({ token, password: "late-horse-1" });
    expect(await refusalOf(late)).to.include({ reason: "NOT_FOUND" });
    await logIn(suite.stack, email, password);
  });

  it("activates once if a token is used in parallel", async () => {
    const { email } = await suite.register();
    const token = await activationToken(suite.stack, email);
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => suite.registration().activateUser({ token, password })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
  });
});
