import { expect } from "chai";
import { decodeJwt } from "jose";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { Role, UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { logIn, type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import {
  newEmail,
  openUserSuite,
  password,
  type UserSuite,
  unknownUserId,
} from "../support/market/user-suite.ts";
import { createInternalClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { grantAdmin, revokeAdmin } from "../support/stack/grant-admin.ts";

describe("administrators", () => {
  let suite: UserSuite;
  let admin: Person;

  before(async () => {
    suite = await openUserSuite();
    admin = await signUpAdmin(suite.stack);
  });
  after(() => suite?.close());

  const auditOf = (subject: bigint) =>
    suite.sql.query(
      "SELECT admin_user_id, action, detail FROM audit_log WHERE subject = ? ORDER BY audit_id",
      [subject.toString()],
    ) as Promise<{ admin_user_id: bigint; action: string; detail: { reason?: string } }[]>;

  it("get their role by a command, and it is in their tokens", async () => {
    const first = await signUp(suite.stack);
    await grantAdmin(suite.stack, first.email);
    const { token } = await logIn(suite.stack, first.email, first.password);
    expect(decodeJwt(token).role).to.equal("ADMIN");
    const [entry] = await auditOf(first.userId);
    expect(entry).to.include({ admin_user_id: null, action: "user.grant-admin" });
    const { email } = await suite.register();
    const banned = await signUp(suite.stack);
    await suite.admins(admin.token).banUser({ userId: banned.userId, reason: "spam" });
    const wrong = [
      [newEmail(), /no account/],
      [email, /no account/],
      [banned.email, /not active/],
    ] as const;
    const grants = wrong.map(async ([address, message]) => {
      const failed = await grantAdmin(suite.stack, address).catch((error: unknown) => error);
      expect(failed).to.have.property("stderr").that.matches(message);
    });
    await Promise.all([...grants, grantAdmin(suite.stack, first.email)]);
    expect(await auditOf(first.userId)).to.have.length(1);
  });

  it("lose their role by the command, at once, whatever their tokens say", async () => {
    const { stack } = suite;
    const former = await signUpAdmin(stack);
    const asFormer = suite.admins(former.token);
    expect((await asFormer.findUser({ email: former.email })).user?.role).to.equal(Role.ADMIN);
    expect(await revokeAdmin(stack, former.email)).to.match(/no administrator any more/);
    expect((await refusalOf(asFormer.findUser({ email: former.email }))).reason).to.equal("FORBIDDEN");
    expect(await revokeAdmin(stack, former.email)).to.match(/Nothing was changed/);
    expect((await auditOf(former.userId)).map(({ action }) => action)).to.deep.equal([
      "user.grant-admin",
      "user.find",
      "user.revoke-admin",
    ]);
    const { token } = await logIn(stack, former.email, former.password);
    expect(decodeJwt(token).role).to.equal("USER");
    const failed = await revokeAdmin(stack, newEmail()).catch((error: unknown) => error);
    expect(failed)
      .to.have.property("stderr")
      .that.matches(/no account/);
  });

  it("find users by e-mail address in any case", async () => {
    const person = await signUp(suite.stack, "찾는 이");
    const { user } = await suite.admins(admin.token).findUser({ email: person.email.toUpperCase() });
    expect(user).to.include({
      userId: person.userId,
      email: person.email,
      name: "찾는 이",
      status: UserStatus.ACTIVE,
      role: Role.USER,
    });
    expect(await refusalOf(suite.admins(admin.token).findUser({ email: newEmail() }))).to.include({
      reason: "NOT_FOUND",
    });
  });

  it("ban users, which takes effect at once, lift the ban, and both are in the audit log", async () => {
    const person = await signUp(suite.stack);
    const { userId, email } = person;
    const directory = await createInternalClient(suite.stack, {
      service: UserDirectoryService,
      callee: "user",
      as: "pay",
    });
    const status = async () => (await directory.getUserStatus({ userId }, onBehalfOf(undefined))).status;
    try {
      expect(await status()).to.equal(UserStatus.ACTIVE);
      const banned = await suite.admins(admin.token).banUser({ userId, reason: "사기" });
      expect(banned.user?.status).to.equal(UserStatus.BANNED);
      expect(await status()).to.equal(UserStatus.BANNED);
      await suite.admins(admin.token).banUser({ userId, reason: "again" });
      expect(await suite.openSessions(userId)).to.equal(0);
      expect(await refusalOf(suite.refresh(person.refreshToken))).to.include({
        reason: "NOT_ACTIVE_USER",
        code: "PermissionDenied",
      });
      expect(await refusalOf(suite.auth().login({ email, password }))).to.include({
        reason: "NOT_ACTIVE_USER",
      });
      expect(await refusalOf(suite.auth().login({ email, password: "wrong-horse-1" }))).to.include({
        reason: "FAIL_LOGIN",
      });
      expect(
        await refusalOf(
          suite.account(person.token).changePassword({
            currentPassword: password,
            newPassword: "battery-staple-2",
          }),
        ),
      ).to.include({ reason: "NOT_ACTIVE_USER" });
      const unbanned = await suite.admins(admin.token).unbanUser({ userId, reason: "mistake" });
      expect(unbanned.user?.status).to.equal(UserStatus.ACTIVE);
      expect((await suite.admins(admin.token).unbanUser({ userId, reason: "again" })).user?.status).to.equal(
        UserStatus.ACTIVE,
      );
      expect(await refusalOf(suite.refresh(person.refreshToken))).to.include({
        reason: "UNAUTHORIZED_TOKEN",
      });
      await logIn(suite.stack, email, password);
    } finally {
      directory.close();
    }
    const entries = await auditOf(userId);
    expect(entries.map(({ action }) => action)).to.deep.equal([
      "user.ban",
      "user.ban",
      "user.unban",
      "user.unban",
    ]);
    expect(entries[0]?.admin_user_id).to.equal(admin.userId);
  });

  it("cannot ban administrators or users who do not exist", async () => {
    const reason = "test";
    expect(await refusalOf(suite.admins(admin.token).banUser({ userId: admin.userId, reason }))).to.include({
      reason: "FORBIDDEN",
      code: "PermissionDenied",
    });
    expect(await refusalOf(suite.admins(admin.token).banUser({ userId: unknownUserId, reason }))).to.include({
      reason: "NOT_FOUND",
    });
    expect(
      await refusalOf(suite.admins(admin.token).unbanUser({ userId: unknownUserId, reason })),
    ).to.include({
      reason: "NOT_FOUND",
    });
    expect(await refusalOf(suite.admins(admin.token).banUser({ userId: 1n, reason: "" }))).to.include({
      reason: "BAD_REQUEST",
    });
  });

  it("are not needed to read the status of a user, which only some services may", async () => {
    const { userId } = await signUp(suite.stack);
    const ask = async (as: string, id: bigint) => {
      const client = await createInternalClient(suite.stack, {
        service: UserDirectoryService,
        callee: "user",
        as,
      });
      try {
        return await client.getUserStatus({ userId: id }, onBehalfOf(undefined));
      } finally {
        client.close();
      }
    };
    expect((await ask("point", userId)).status).to.equal(UserStatus.ACTIVE);
    expect(await refusalOf(ask("pay", unknownUserId))).to.include({ reason: "NOT_FOUND" });
    // The calling service is at fault, so its own caller must not get this refusal.
    expect(await refusalOf(ask("cart", userId))).to.include({ reason: "INTERNAL_SERVER_ERROR" });
  });
});
