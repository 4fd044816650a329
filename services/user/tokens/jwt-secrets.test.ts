import { expect } from "chai";
import { createDevices } from "./device-cookie.ts";
import { createRegisterTokens } from "./register-token.ts";

const old = "old".padEnd(32, "-");
const next = "next".padEnd(32, "-");
const userId = 7n;

describe("the secrets of devices and of social sign-ups", () => {
  /** Signs in on a device, and returns the cookie by which it is known. */
  const remember = async (secrets: readonly [string, ...string[]], cookie = "") => {
    const context = { requestHeaders: new Headers({ cookie }), responseHeaders: new Headers() };
    await createDevices({ secrets, secure: true }).remember(context, userId);
    return (context.responseHeaders.getSetCookie()[0] ?? "").split("; ")[0] ?? "";
  };
  const recognize = (secrets: readonly [string, ...string[]], cookie: string, of = userId) =>
    createDevices({ secrets, secure: true }).recognize({ requestHeaders: new Headers({ cookie }) }, of);

  it("replace each other, and a device keeps its id", async () => {
    const before = await remember([old]);
    const id = await recognize([old], before);
    expect(id).to.match(/^[0-9a-f-]{36}$/);
    expect(await recognize([old, next], before)).to.equal(id);
    expect(await recognize([next, old], before)).to.equal(id);
    const after = await remember([next, old], before);
    expect(await recognize([next], after)).to.equal(id);
  });

  it("know nothing that was signed by one that is gone, or for another user", async () => {
    expect(await recognize([next], await remember([old]))).to.equal(undefined);
    expect(await recognize([next, old], await remember([old]), 8n)).to.equal(undefined);
    expect(await recognize([next, old], "")).to.equal(undefined);
  });

  it("let a sign-up end that has started with the one before", async () => {
    const registrant = { provider: "KAKAO", subject: "1", email: "buyer@example.com" } as const;
    const { token } = await createRegisterTokens([old]).sign(registrant);
    expect(await createRegisterTokens([next, old]).verify(token)).to.deep.equal(registrant);
    expect(await createRegisterTokens([next]).verify(token)).to.equal(undefined);
  });
});
