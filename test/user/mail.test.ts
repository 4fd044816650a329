import { readFile } from "node:fs/promises";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import { activationToken, mailsTo, signUp } from "../support/market/people.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import {
  ageMails,
  claimMailsElsewhere,
  countMails,
  mailRowOf,
  makeMailsDue,
  newEmail,
  openUserSuite,
  password,
  type UserSuite,
  unknownUserId,
  useUpMailAttempts,
} from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

describe("user mail", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("is retried if the mail server refuses it", async () => {
    const email = newEmail();
    await suite.refuseMails(email, 1);
    const { registrationId } = await suite.register({ email });
    const failed = await until(async () => {
      const row = await mailRowOf(suite.sql, registrationId);
      return row.last_error === "" ? undefined : row;
    });
    expect(failed).to.include({ state: "PENDING", attempts: 1 });
    expect(failed.last_error).to.include("451").and.not.include(email);
    await makeMailsDue(suite.sql, registrationId);
    const token = await activationToken(suite.stack, email);
    await suite.registration().activateUser({ token, password });
  });

  it("is parked after too many attempts, and a resend starts over", async () => {
    const email = newEmail();
    await suite.refuseMails(email, 2);
    const { registrationId } = await suite.register({ email });
    await until(
      async () => (await mailRowOf(suite.sql, registrationId)).last_error !== "",
      "the first attempt failed",
    );
    await useUpMailAttempts(suite.sql, registrationId);
    await until(
      async () => (await mailRowOf(suite.sql, registrationId)).state === "PARKED",
      "the mail was parked",
    );
    const parked = await mailRowOf(suite.sql, registrationId);
    expect(parked.last_failure).to.include("451").and.not.include(email);
    expect(parked.attempts, "attempts of its task").to.equal(null);
    await ageMails(suite.sql, registrationId);
    await suite.registration().resendActivationMail({ registrationId });
    await suite.registration().activateUser({ token: await activationToken(suite.stack, email), password });
  });

  it("is sent by another replica after the claim of a crashed one expires", async () => {
    const email = newEmail();
    await suite.refuseMails(email, 1000);
    const { registrationId } = await suite.register({ email });
    await until(
      async () => (await mailRowOf(suite.sql, registrationId)).last_error !== "",
      "the first attempt failed",
    );
    await claimMailsElsewhere(suite.sql, registrationId, 3600);
    await suite.refuseMails(email, 0);
    expect(await mailsTo(suite.stack, email)).to.have.length(0);
    await claimMailsElsewhere(suite.sql, registrationId, 0);
    await activationToken(suite.stack, email);
    await until(
      async () => (await mailRowOf(suite.sql, registrationId)).state === "SENT",
      "the mail was sent",
    );
    expect((await mailRowOf(suite.sql, registrationId)).attempts, "attempts of its task").to.equal(null);
  });

  it("is sent once for a purchase and once for a charge, for repeated events too", async () => {
    const person = await signUp(suite.stack, "홍<길동>");
    const now = timestampFromDate(new Date());
    const purchaseId = uuidv7();
    const purchased = {
      purchaseId,
      userId: person.userId,
      requestId: uuidv7(),
      lines: [
        {
          questionId: 1n,
          title: "<수열>",
          creatorName: "선생님",
          originalPoints: 5000n,
          amountPoints: 4000n,
        },
      ],
      originalPoints: 5000n,
      amountPoints: 4000n,
      createTime: now,
      payTime: now,
    };
    const charged = { chargeId: uuidv7(), userId: person.userId, amountPoints: 10_000n, chargeTime: now };
    const unknown = { chargeId: uuidv7(), userId: unknownUserId, amountPoints: 1000n, chargeTime: now };
    const [purchaseEvent, chargeEvent, unknownEvent] = [uuidv7(), uuidv7(), uuidv7()];
    await deliverTo(suite.stack, "user", QuestionsPurchasedSchema, purchased, purchaseEvent);
    await deliverTo(suite.stack, "user", QuestionsPurchasedSchema, purchased, purchaseEvent);
    await deliverTo(suite.stack, "user", PointsChargedSchema, charged, chargeEvent);
    await deliverTo(suite.stack, "user", PointsChargedSchema, charged, chargeEvent);
    await deliverTo(suite.stack, "user", PointsChargedSchema, unknown, unknownEvent);
    const receipts = await until(async () => {
      const mails = await mailsTo(suite.stack, person.email);
      return mails.length >= 3 ? mails : undefined;
    });
    const bodies = receipts.map(({ html }) => html).join("");
    expect(bodies)
      .to.include("&lt;수열&gt;")
      .and.include("4,000P")
      .and.include("10,000P")
      .and.include(purchaseId);
    expect(bodies).to.include("홍&lt;길동&gt;").and.not.include("홍<길동>");
    await until(
      async () => (await mailRowOf(suite.sql, unknownUserId))?.state === "DROPPED",
      "the mail to an unknown user was dropped",
    );
    expect(await countMails(suite.sql, person.userId)).to.equal(2);
  });

  it("leaves nothing personal or secret in the log", async () => {
    const person = await signUp(suite.stack, "로그에없는이름");
    await suite.refresh(person.refreshToken);
    await refusalOf(suite.auth().login({ email: person.email, password: "wrong-horse-1" }));
    const refused = newEmail();
    await suite.refuseMails(refused, 1);
    const { registrationId } = await suite.register({ email: refused });
    const logs = () =>
      Promise.all([...suite.stack.processes.values()].map(({ logFile }) => readFile(logFile, "utf8")));
    await until(
      async () => (await logs()).join("").includes("mail not sent, will be retried"),
      "the failure was logged",
    );
    await makeMailsDue(suite.sql, registrationId);
    await activationToken(suite.stack, refused);
    const text = (await logs()).join("");
    expect(text).to.include(person.userId.toString());
    for (const secret of ["@example.com", person.refreshToken, person.token, password, "로그에없는이름"]) {
      expect(text.includes(secret), secret).to.equal(false);
    }
  });
});
