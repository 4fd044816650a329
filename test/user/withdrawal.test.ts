import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { ChargePackage, LedgerAccount, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { logIn, mailsTo, type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { mailRowOf, openUserSuite, password, type UserSuite } from "../support/market/user-suite.ts";
import { createInternalClient, createPublicClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";

describe("withdrawal", () => {
  let suite: UserSuite;
  let admin: Person;

  before(async () => {
    suite = await openUserSuite();
    admin = await signUpAdmin(suite.stack);
  });
  after(() => suite?.close());

  const pointsOf = ({ token }: Person) => createPublicClient(suite.stack, PointService, { token });
  const clear = async (person: Person) => (await pointsOf(person).createWithdrawalClearance({})).clearance;
  const withdrawWaiving = (person: Person) =>
    suite.account(person.token).withdraw({ password, waivePoints: true });
  const rowOf = async ({ userId }: Person) => {
    const [row] = await suite.sql.query("SELECT * FROM user WHERE user_id = ?", [userId]);
    return row as Record<string, unknown>;
  };

  it("ends the sessions of the user, who cannot sign in any more", async () => {
    const person = await signUp(suite.stack);
    await suite.account(person.token).withdraw({ password, pointClearance: await clear(person) });
    expect(await refusalOf(suite.refresh(person.refreshToken))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    const again = suite.auth().login({ email: person.email, password });
    expect(await refusalOf(again)).to.include({ reason: "FAIL_LOGIN" });
    expect((await suite.auth(person.token).listSessions({})).sessions).to.deep.equal([]);
  });

  it("erases the name, address, phone, picture and password, which nothing can write again", async () => {
    const person = await signUp(suite.stack);
    const profileImageUrl = "https://images.example/me.png";
    await suite.profiles(person.token).updateProfile({ name: "지울 이름", profileImageUrl });
    await withdrawWaiving(person);
    const late = [
      () => suite.profiles(person.token).getProfile({}),
      () => suite.profiles(person.token).updateProfile({ name: "다시 쓴 이름" }),
    ];
    for (const call of late) {
      expect(await refusalOf(call())).to.include({ reason: "NOT_FOUND" });
    }
    expect(await rowOf(person)).to.include({
      email: `${person.userId}@withdrawn.invalid`,
      name: "",
      phone: "",
      profile_image_url: "",
      password_hash: "",
      status: "WITHDRAWN",
    });
    const login = suite.auth().login({ email: `${person.userId}@withdrawn.invalid`, password });
    expect(await refusalOf(login)).to.include({ reason: "FAIL_LOGIN" });
  });

  it("frees the address for another account, and discards its registrations", async () => {
    const person = await signUp(suite.stack);
    const { email } = person;
    await suite.register({ email });
    await withdrawWaiving(person);
    expect(await suite.sql.query("SELECT 1 FROM registration WHERE email = ?", [email])).to.deep.equal([]);
    await suite.signUpWith({ email });
    const { token } = await logIn(suite.stack, email, password);
    const { profile } = await suite.profiles(token).getProfile({});
    expect(profile?.userId).to.be.greaterThan(Number(person.userId));
  });

  it("needs the password again, and works once", async () => {
    const person = await signUp(suite.stack);
    const wrong = suite.account(person.token).withdraw({ password: "wrong-horse-1", waivePoints: true });
    expect(await refusalOf(wrong)).to.include({ reason: "FAIL_LOGIN" });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => withdrawWaiving(person)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    expect(await refusalOf(withdrawWaiving(person))).to.include({
      reason: "NOT_ACTIVE_USER",
      code: "PermissionDenied",
    });
    const events = await suite.sql.query(
      "SELECT 1 FROM outbox WHERE type LIKE '%UserWithdrawn' AND body LIKE ?",
      [`%"${person.userId}"%`],
    );
    expect(events).to.have.length(1);
  });

  it("is refused while points or charges are open, unless they are waived", async () => {
    const person = await signUp(suite.stack);
    await pointsOf(person).createCharge({ requestId: uuidv7(), package: ChargePackage.A });
    await createPublicClient(suite.stack, PointAdminService, { token: admin.token }).adjustPoints({
      requestId: uuidv7(),
      userId: person.userId,
      deltaPoints: 700n,
      account: LedgerAccount.BONUS,
      reason: "for a test",
    });
    const refused = await refusalOf(clear(person));
    expect(refused).to.deep.include({
      reason: "WALLET_NOT_EMPTY",
      code: "FailedPrecondition",
      metadata: { points: "700", charges: "1" },
    });
    expect(await refusalOf(suite.account(person.token).withdraw({ password }))).to.include({
      reason: "WITHDRAWAL_NOT_CLEARED",
    });
    await withdrawWaiving(person);
    const { wallet } = await pointsOf(person).getWallet({});
    expect(wallet?.balancePoints, "the ledger stays").to.equal(700n);
  });

  it("accepts no clearance of another user, and none that was forged", async () => {
    const [person, other] = [await signUp(suite.stack), await signUp(suite.stack)];
    for (const pointClearance of [await clear(other), "forged", person.token]) {
      const call = suite.account(person.token).withdraw({ password, pointClearance });
      expect(await refusalOf(call)).to.include({ reason: "WITHDRAWAL_NOT_CLEARED" });
    }
    expect(await rowOf(person)).to.include({ status: "ACTIVE" });
  });

  it("drops the mails to the user that are still queued", async () => {
    const person = await signUp(suite.stack);
    await withdrawWaiving(person);
    const charge = {
      chargeId: uuidv7(),
      userId: person.userId,
      amountPoints: 1000n,
      chargeTime: timestampNow(),
    };
    await deliverTo(suite.stack, "user", PointsChargedSchema, charge);
    await until(
      async () => (await mailRowOf(suite.sql, person.userId))?.state === "DROPPED",
      "it is dropped",
    );
    expect((await mailsTo(suite.stack, person.email)).map(({ subject }) => subject)).to.have.length(1);
  });

  it("is published again when access tokens have ended, so that what was stored meanwhile is erased, too", async () => {
    const [person, author] = [await signUp(suite.stack), await signUpAuthor(suite.stack)];
    const { questionId } = await publishQuestion(author);
    const creatorId = author.creatorId;
    await withdrawWaiving(person);
    await waitUntilIdle(suite.stack);
    const { token } = person;
    await createPublicClient(suite.stack, CartService, { token }).addToCart({ questionId });
    const subscriptions = createPublicClient(suite.stack, SubscriptionService, { token });
    await subscriptions.subscribe({ creatorId });
    // As a creator who registered while the withdrawal was on its way.
    await suite.sql.query(
      `INSERT INTO creator.creator (user_id, name, name_key, profile_image_url, main_subject, introduction)
        VALUES (?, 'late', ?, '', 1, '지울 소개')`,
      [person.userId, person.email],
    );
    await suite.sql.query(
      "INSERT INTO creator.creator_statistics (creator_id) SELECT creator_id FROM creator.creator WHERE user_id = ?",
      [person.userId],
    );
    const stored = async () => [
      (await suite.sql.query("SELECT 1 FROM cart.cart_line WHERE user_id = ?", [person.userId])).length,
      (await subscriptions.listSubscriptions({})).subscriptions.length,
      (await suite.sql.query("SELECT 1 FROM creator.creator WHERE name_key = ?", [person.email])).length,
    ];
    expect(await stored()).to.deep.equal([1, 1, 1]);
    await passTime(person, 10);
    await waitUntilIdle(suite.stack);
    expect(await stored()).to.deep.equal([0, 0, 0]);
  });

  /** Moves a withdrawal into the past. */
  async function passTime({ userId }: Person, minutes: number): Promise<void> {
    for (const [table, column, id] of [
      ["user", "withdraw_time", "user_id"],
      ["task", "due_time", "id"],
    ]) {
      const statement = `UPDATE ${table} SET ${column} = ${column} - INTERVAL ? MINUTE WHERE ${id} = ?`;
      await suite.sql.query(statement, [minutes, String(userId)]);
    }
  }

  it("is seen by other services and administrators as the end of the account", async () => {
    const person = await signUp(suite.stack);
    await withdrawWaiving(person);
    const wiring = { service: UserDirectoryService, callee: "user", as: "pay" };
    const directory = await createInternalClient(suite.stack, wiring);
    const { status } = await directory.getUserStatus({ userId: person.userId }, onBehalfOf(person.userId));
    directory.close();
    expect(status).to.equal(UserStatus.WITHDRAWN);
    const admins = suite.admins(admin.token);
    const subject = { userId: person.userId, reason: "for a test" };
    for (const call of [
      () => admins.findUser({ email: person.email }),
      () => admins.findUser({ email: `${person.userId}@withdrawn.invalid` }),
      () => admins.banUser(subject),
      () => admins.unbanUser(subject),
    ]) {
      expect(await refusalOf(call())).to.include({ reason: "NOT_FOUND" });
    }
    const order = pointsOf(person).createCharge({ requestId: uuidv7(), package: ChargePackage.A });
    expect(await refusalOf(order)).to.include({ reason: "NOT_ACTIVE_USER" });
  });
});
