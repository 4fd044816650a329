import { expect } from "chai";
import { activationToken, logIn, mailsTo } from "../support/market/people.ts";
import {
  holds,
  newEmail,
  newPhone,
  openUserSuite,
  password,
  type UserSuite,
} from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("user registration", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("mails a link that activates the account once", async () => {
    const { userId, email } = await suite.register();
    expect(userId > 0n).to.equal(true);
    const token = await activationToken(suite.stack, email);
    const [mail] = await mailsTo(suite.stack, email);
    expect(mail?.html).to.include(`${suite.stack.env.USER_SITE_URL}/activate#token=${token}`);
    expect(await refusalOf(suite.auth().login({ email, password }))).to.include({
      reason: "PENDING_EMAIL_VERIFICATION",
      code: "PermissionDenied",
    });
    await suite.registration().activateUser({ token });
    expect((await logIn(suite.stack, email, password)).token).to.not.equal("");
    expect(await refusalOf(suite.registration().activateUser({ token }))).to.include({ reason: "NOT_FOUND" });
  });

  it("stores no token in plain text", async () => {
    const { userId, email } = await suite.register();
    const token = await activationToken(suite.stack, email);
    const [row] = await suite.sql.query(
      "SELECT *, TIMESTAMPDIFF(SECOND, NOW(6), expire_time) AS seconds_left FROM activation_token WHERE user_id = ?",
      [userId],
    );
    expect(holds(row, token)).to.equal(false);
    expect(Number(row.seconds_left)).to.be.closeTo(86_400, 60);
  });

  it("refuses an e-mail address, in any case, and a phone number that are taken", async () => {
    const first = await suite.register({ email: `Mixed.${newEmail()}` });
    const again = { password, name: "다른 사람" };
    expect(
      await refusalOf(
        suite.registration().registerUser({ ...again, email: first.email.toUpperCase(), phone: newPhone() }),
      ),
    ).to.include({ reason: "DUPLICATE_EMAIL", code: "AlreadyExists" });
    expect(
      await refusalOf(suite.registration().registerUser({ ...again, email: newEmail(), phone: first.phone })),
    ).to.include({ reason: "DUPLICATE_PHONE", code: "AlreadyExists" });
  });

  it("creates one account from parallel attempts", async () => {
    const email = newEmail();
    const tries = Array.from({ length: 8 }, () => suite.register({ email }));
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    for (const tried of tries) {
      await tried.catch(async () => {
        expect((await refusalOf(tried)).reason).to.equal("DUPLICATE_EMAIL");
      });
    }
  });

  it("refuses requests that violate the contract", async () => {
    const good = { email: newEmail(), password, name: "수험생", phone: newPhone() };
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
      const call = suite.registration().registerUser({ ...good, ...fields });
      expect(await refusalOf(call), JSON.stringify(fields)).to.include({ reason: "BAD_REQUEST" });
    }
  });
});
