import { ConnectError } from "@connectrpc/connect";
import { expect } from "chai";
import { activationToken, profileOf } from "../support/market/people.ts";
import { newEmail, newPhone, openUserSuite, type UserSuite } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { readConnectError } from "../support/rpc/refusal.ts";

const password = "비밀번호é-2026";

describe("what users type", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("opens a login with a Hangul password in every form, and only then", async () => {
    const email = newEmail();
    const name = "홍길동";
    await suite.register({ email, password: password.normalize("NFD"), name: name.normalize("NFD") });
    await suite.registration().activateUser({ token: await activationToken(suite.stack, email), password });
    for (const form of ["NFC", "NFD", "NFKD"]) {
      const { tokens } = await suite.auth().login({ email, password: password.normalize(form) });
      const { profile } = await profileOf(suite.stack, tokens?.accessToken ?? "");
      expect(profile?.name, form).to.equal(name);
    }
    const wide = { email: email.replace("@", "＠").toUpperCase(), password: password.replace("-", "－") };
    expect((await suite.auth().login(wide)).tokens?.accessToken).to.not.equal(undefined);
    const other = suite.auth().login({ email, password: password.replace("é", "e") });
    expect((await refusalOf(other)).reason).to.equal("FAIL_LOGIN");
  });

  it("is refused as a name, with its path, where a part of it cannot be seen", async () => {
    for (const name of [
      "홍\0길동",
      "홍\u200b길동",
      "\u202e홍길동",
      "홍길동\u3164",
      "\u00a0홍길동",
      "홍\n길동",
    ]) {
      const call = suite
        .registration()
        .registerUser({ email: newEmail(), password, name, phone: newPhone() });
      const error = await call.then(() => expect.fail("accepted"), ConnectError.from);
      const { reason, fields } = readConnectError(error);
      expect(reason, JSON.stringify(name)).to.equal("BAD_REQUEST");
      expect(new Set(fields), JSON.stringify(name)).to.deep.equal(new Set(["name"]));
    }
  });
});
