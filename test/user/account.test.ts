import { randomUUID } from "node:crypto";
import { toJson } from "@bufbuild/protobuf";
import { expect } from "chai";
import { ExportPersonalDataResponseSchema } from "#gen/questioncloud/user/v1/account_pb.ts";
import { Role } from "#gen/questioncloud/user/v1/user_pb.ts";
import { createAccessTokenSigner } from "#services/user/tokens/access-token.ts";
import { readSigningKeys } from "#services/user/tokens/signing-keys.ts";
import { activationToken, logIn, profileOf, signUp } from "../support/market/people.ts";
import {
  newEmail,
  newPhone,
  openUserSuite,
  password,
  type UserSuite,
  unknownUserId,
} from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("user account", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("lists sessions newest first, which only their owner can revoke", async () => {
    const person = await signUp(suite.stack);
    const other = await signUp(suite.stack);
    const device = `phone ${"x".repeat(300)}`;
    const { tokens } = await suite.auth(undefined, { "user-agent": device }).login({
      email: person.email,
      password,
    });
    const { sessions } = await suite.auth(person.token).listSessions({});
    expect(sessions).to.have.length(2);
    expect(sessions[0]?.userAgent).to.equal(device.slice(0, 200));
    expect(sessions[0]?.createTime && sessions[0].refreshTime && sessions[0].expireTime).to.not.equal(
      undefined,
    );
    const sessionId = sessions[0]?.sessionId ?? "";
    expect(await refusalOf(suite.auth(other.token).revokeSession({ sessionId }))).to.include({
      reason: "NOT_FOUND",
    });
    expect(await refusalOf(suite.auth(person.token).revokeSession({ sessionId: randomUUID() }))).to.include({
      reason: "NOT_FOUND",
    });
    expect(await refusalOf(suite.auth(person.token).revokeSession({ sessionId: "1" }))).to.include({
      reason: "BAD_REQUEST",
    });
    await suite.auth(person.token).revokeSession({ sessionId: sessionId.toUpperCase() });
    expect(
      (await suite.auth(person.token).listSessions({})).sessions.map(each => each.sessionId),
    ).to.deep.equal([sessions[1]?.sessionId]);
    expect(await refusalOf(suite.refresh(tokens?.refreshToken ?? ""))).to.include({
      reason: "UNAUTHORIZED_TOKEN",
    });
    await suite.refresh(person.refreshToken);
  });

  it("ends a session by a logout, which answers the same for an unknown token", async () => {
    const person = await signUp(suite.stack);
    await suite.auth().logout({ refreshToken: person.refreshToken });
    await suite.auth().logout({ refreshToken: person.refreshToken });
    await suite.auth().logout({ refreshToken: "unknown" });
    expect(await refusalOf(suite.refresh(person.refreshToken))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
  });

  it("changes a password if the current one is right, and ends every session", async () => {
    const person = await signUp(suite.stack);
    const other = await logIn(suite.stack, person.email, person.password);
    const newPassword = "battery-staple-2";
    expect(
      await refusalOf(
        suite.account(person.token).changePassword({ currentPassword: "wrong-horse-1", newPassword }),
      ),
    ).to.include({ reason: "FAIL_LOGIN" });
    expect(
      await refusalOf(
        suite.account(person.token).changePassword({ currentPassword: password, newPassword: "short" }),
      ),
    ).to.include({ reason: "BAD_REQUEST" });
    await suite.account(person.token).changePassword({ currentPassword: password, newPassword });
    for (const { refreshToken } of [person, other]) {
      expect(await refusalOf(suite.refresh(refreshToken))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    }
    expect(await refusalOf(suite.auth().login({ email: person.email, password }))).to.include({
      reason: "FAIL_LOGIN",
    });
    await logIn(suite.stack, person.email, newPassword);
  });

  it("refuses a common password as the new one, in any case", async () => {
    const person = await signUp(suite.stack);
    for (const newPassword of ["Password123", "ｑｗｅｒｔｙ１２３"]) {
      const call = suite.account(person.token).changePassword({ currentPassword: password, newPassword });
      expect(await refusalOf(call), newPassword).to.include({
        reason: "COMMON_PASSWORD",
        code: "InvalidArgument",
      });
    }
    await suite.refresh(person.refreshToken);
  });

  it("leaves no session of an old password open when logins race with the change", async () => {
    const person = await signUp(suite.stack);
    const newPassword = "battery-staple-2";
    const calls = [
      suite.account(person.token).changePassword({ currentPassword: password, newPassword }),
      ...Array.from({ length: 4 }, () => suite.auth().login({ email: person.email, password })),
    ];
    await Promise.allSettled(calls);
    await calls[0];
    expect(await suite.openSessions(person.userId)).to.equal(0);
  });

  it("loses neither a password change nor a profile update that run at the same time", async () => {
    const person = await signUp(suite.stack);
    const newPassword = "battery-staple-2";
    await Promise.all([
      suite.account(person.token).changePassword({ currentPassword: password, newPassword }),
      ...Array.from({ length: 5 }, () => suite.profiles(person.token).updateProfile({ name: "새 이름" })),
    ]);
    const { token } = await logIn(suite.stack, person.email, newPassword);
    expect((await profileOf(suite.stack, token)).profile?.name).to.equal("새 이름");
  });

  it("returns and replaces the profile: name, picture and phone number", async () => {
    const { email, phone } = await suite.register({ name: "첫 이름" });
    await suite.registration().activateUser({ token: await activationToken(suite.stack, email), password });
    const { token } = await logIn(suite.stack, email, password);
    const { profile } = await suite.profiles(token).getProfile({});
    expect(profile).to.include({
      email,
      phone,
      name: "첫 이름",
      profileImageUrl: "",
      role: Role.USER,
    });
    const profileImageUrl = "https://images.example/1.png";
    const updated = await suite.profiles(token).updateProfile({ name: "새 이름", profileImageUrl });
    expect(updated.profile).to.include({ email, phone, name: "새 이름", profileImageUrl });
    const other = newPhone();
    await suite.profiles(token).updateProfile({ name: "새 이름", phone: other });
    const { profile: replaced } = await suite.profiles(token).getProfile({});
    expect(replaced).to.include({ profileImageUrl: "", phone: other });
    expect(
      await refusalOf(suite.profiles(token).updateProfile({ name: "새 이름", phone: "10-1234" })),
    ).to.include({ reason: "BAD_REQUEST" });
    for (const bad of ["http://images.example/1.png", "javascript:alert(1)", 'https://x/"onerror=']) {
      const call = suite.profiles(token).updateProfile({ name: "새 이름", profileImageUrl: bad });
      expect(await refusalOf(call)).to.include({ reason: "BAD_REQUEST" });
    }
  });

  it("exports what is stored about the user, without secrets", async () => {
    const person = await signUp(suite.stack);
    const newAddress = newEmail();
    await suite.account(person.token).requestEmailChange({ newEmail: newAddress, password });
    await suite.account(person.token).requestConfirmation({});
    const data = await suite.account(person.token).exportPersonalData({});
    expect(data.profile).to.include({ userId: person.userId, email: person.email });
    expect(data.sessions).to.have.length(1);
    expect(data.requests.map(({ kind, email, previousEmail }) => [kind, email, previousEmail])).to.deep.equal(
      [
        ["CONFIRMATION", person.email, ""],
        ["EMAIL_CHANGE", newAddress, person.email],
      ],
    );
    const names = Object.keys(toJson(ExportPersonalDataResponseSchema, data) as object);
    expect(names).to.have.members(["profile", "sessions", "requests"]);
    await suite.account(person.token).withdraw({ password, waivePoints: true });
    expect(await refusalOf(suite.account(person.token).exportPersonalData({}))).to.include({
      reason: "NOT_FOUND",
    });
  });

  it("finds no profile of a user who does not exist", async () => {
    const sign = createAccessTokenSigner(
      await readSigningKeys(suite.stack.env.USER_SIGNING_KEYS_FILE ?? ""),
      {
        issuer: suite.stack.env.TOKEN_ISSUER ?? "",
        audience: "questioncloud",
        lifetimeSeconds: 60,
      },
    );
    const { token } = await sign({ userId: unknownUserId, role: "USER" });
    expect(await refusalOf(suite.profiles(token).getProfile({}))).to.include({ reason: "NOT_FOUND" });
    expect(await refusalOf(suite.profiles(token).updateProfile({ name: "이름" }))).to.include({
      reason: "NOT_FOUND",
    });
  });
});
