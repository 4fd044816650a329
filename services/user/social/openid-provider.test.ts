import { expect } from "chai";
import { startIdentity } from "#dev/sim/identity/server.ts";
import { createIdentitySim } from "#dev/sim/identity/sim-client.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { google } from "./google.ts";
import { createOpenIdProvider } from "./openid-provider.ts";

const client = { clientId: "suite", clientSecret: "suite-secret" };
const redirectUri = "http://shop.example/login/google";

describe("a provider of OpenID Connect", () => {
  const { signal } = new AbortController();
  const reasonOf = async (call: Promise<unknown>) => {
    const error = await call.catch((thrown: unknown) => thrown);
    return error instanceof Failure ? error.reason : error;
  };

  it("is found again after it was unreachable, and is unavailable if it does not know this client", async () => {
    const block = await reservePorts({ base: 28_600, count: 1 });
    const [port = 0] = block.ports;
    const issuerUrl = `http://127.0.0.1:${port}/accounts.google.com`;
    const registration = { issuerUrl, ...client, redirectUri, timeoutMs: 2000 };
    const provider = createOpenIdProvider(registration, google);
    expect(await reasonOf(provider.start("state", signal))).to.equal(Reason.SOCIAL_PROVIDER_UNAVAILABLE);

    const identity = await startIdentity({ port, ...client, redirectUris: [redirectUri] });
    const wrong = createOpenIdProvider({ ...registration, clientSecret: "wrong" }, google);
    try {
      const sim = createIdentitySim(identity.url);
      const person = await sim.addPerson({ provider: "google", name: "한수험", email: "exam@example.com" });
      const { authorizationUrl, ...login } = await provider.start("state", signal);
      const { searchParams } = await sim.agree(authorizationUrl, person);
      const text = (name: string) => searchParams.get(name) ?? "";
      const callback = { state: "state", code: text("code"), iss: text("iss") };
      const refused = wrong.authenticate(callback, login, signal);
      expect(await reasonOf(refused)).to.equal(Reason.SOCIAL_PROVIDER_UNAVAILABLE);
      const elsewhere = { ...callback, iss: "https://attacker.example" };
      const mixedUp = provider.authenticate(elsewhere, login, signal);
      expect(await reasonOf(mixedUp)).to.equal(Reason.FAIL_SOCIAL_LOGIN);
      const reason = new Error("the deadline has passed");
      const given = provider.authenticate(callback, login, AbortSignal.abort(reason));
      expect(await given.catch((error: unknown) => error)).to.equal(reason);
      const user = await provider.authenticate(callback, login, signal);
      expect(user.subject).to.equal(person.subject);
      const profile = await user.readProfile(signal);
      expect(profile).to.deep.equal({ name: "한수험", email: "exam@example.com" });

      // With a space at its end the database would take it for another user's.
      for (const subject of [`${person.subject} `, "가".repeat(20), "9".repeat(256)]) {
        const other = await sim.addPerson({ provider: "google", name: "낯선이", subject });
        const { authorizationUrl: page, ...started } = await provider.start("state", signal);
        const { searchParams: sent } = await sim.agree(page, other);
        const answer = { state: "state", code: sent.get("code") ?? "", iss: sent.get("iss") ?? "" };
        expect(await reasonOf(provider.authenticate(answer, started, signal))).to.equal(
          Reason.FAIL_SOCIAL_LOGIN,
        );
      }
    } finally {
      await identity.stop();
      await block.release();
    }
  });
});
