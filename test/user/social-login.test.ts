import { expect } from "chai";
import { type FaultsInput, providerNames, type Person as SocialPerson } from "#dev/sim/identity/people.ts";
import { logIn, type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import { emailAt, openSocialSuite, providerOf, type SocialSuite, userOf } from "../support/market/social.ts";
import { password } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("social login", () => {
  let suite: SocialSuite;
  let admin: Person;

  before(async () => {
    suite = await openSocialSuite();
    admin = await signUpAdmin(suite.stack);
  });
  after(() => suite?.close());

  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;

  for (const provider of providerNames) {
    describe(`with ${provider}`, () => {
      const addPerson = (fields = {}) => suite.addPerson(provider, fields);
      const refusalWith = async (person: SocialPerson, faults: FaultsInput) => {
        await suite.sim.setFaults(person, faults);
        return refusalOf(suite.logIn(person));
      };

      it("gives an unknown social user a register token, and logs in who signed up with it", async () => {
        const person = await addPerson({ name: "이소셜" });
        const { tokens, signUp: offered } = await suite.logIn(person);
        expect(tokens).to.equal(undefined);
        expect(offered).to.include({ name: "이소셜" });
        expect(offered?.maskedEmail)
          .to.match(/^..\*\*\*@/)
          .and.not.equal(person.email);
        const registered = await suite.social().registerSocialUser({
          registerToken: offered?.registerToken ?? "",
          name: "고친 이름",
          phone: "01012345678",
        });
        const { profile } = await suite.profiles(registered.tokens?.accessToken ?? "").getProfile({});
        expect(profile).to.include({ email: person.email, name: "고친 이름", phone: "01012345678" });

        const again = await suite.logIn(person);
        expect(again.signUp).to.equal(undefined);
        expect(userOf(again)).to.equal(userOf(registered));
        expect((await suite.refresh(again.tokens?.refreshToken ?? "")).tokens).not.to.equal(undefined);
      });

      it("refuses a callback whose state is missing, unknown, or another provider's", async () => {
        const callback = await suite.arrive(await addPerson());
        const other = providerNames.find(name => name !== provider) ?? "google";
        const changes = [
          { state: "" },
          { state: "x".repeat(43) },
          { provider: providerOf({ provider: other }) },
        ];
        for (const change of changes) {
          expect(await reasonOf(suite.complete({ ...callback, ...change }))).to.equal("FAIL_SOCIAL_LOGIN");
        }
        expect((await suite.complete(callback)).signUp).not.to.equal(undefined);
      });

      it("refuses the state of another browser, which stays good for its own", async () => {
        const callback = await suite.arrive(await addPerson());
        const { handle } = await suite.social().startSocialLogin({ provider: callback.provider });
        for (const wrong of ["", handle]) {
          const call = suite.complete({ ...callback, handle: wrong });
          expect(await reasonOf(call)).to.equal("FAIL_SOCIAL_LOGIN");
        }
        expect((await suite.complete(callback)).signUp).not.to.equal(undefined);
      });

      it("uses a state once, also if it arrives several times at once", async () => {
        const callback = await suite.arrive(await addPerson());
        const calls = Array.from({ length: 5 }, () => suite.complete(callback));
        const results = await Promise.allSettled(calls);
        expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
        expect(await reasonOf(suite.complete(callback))).to.equal("FAIL_SOCIAL_LOGIN");
      });

      it("refuses a code that was used before", async () => {
        const person = await addPerson();
        const used = await suite.arrive(person);
        await suite.complete(used);
        const next = await suite.arrive(person);
        const call = suite.complete({ ...next, code: used.code });
        expect(await reasonOf(call)).to.equal("FAIL_SOCIAL_LOGIN");
      });

      it("refuses a code for which another browser has the verifier", async () => {
        const stolen = await suite.arrive(await addPerson());
        const own = await suite.arrive(await addPerson());
        expect(await reasonOf(suite.complete({ ...own, code: stolen.code }))).to.equal("FAIL_SOCIAL_LOGIN");
      });

      it("refuses an ID token of another client or issuer, an expired and a forged one", async () => {
        const faults = [
          { audience: "another-client" },
          { issuer: "https://attacker.example" },
          { isExpired: true },
          { isForged: true },
        ];
        for (const idToken of faults) {
          const { reason, code } = await refusalWith(await addPerson(), { idToken });
          expect({ reason, code }, JSON.stringify(idToken)).to.deep.equal({
            reason: "FAIL_SOCIAL_LOGIN",
            code: "Unauthenticated",
          });
        }
      });

      if (provider !== "naver") {
        it("refuses an ID token with the nonce of another login", async () => {
          const { reason } = await refusalWith(await addPerson(), { idToken: { nonce: "of-another-login" } });
          expect(reason).to.equal("FAIL_SOCIAL_LOGIN");
        });
      }

      it("says that the provider is unavailable if it fails, hangs up or is slow, and logs in afterwards", async () => {
        const person = await addPerson();
        const steps = [{ status: 500 }, { drop: true as const }, { delayMs: 5000 }];
        for (const step of steps) {
          const { reason, code } = await refusalWith(person, { token: [step] });
          expect({ reason, code }).to.deep.equal({
            reason: "SOCIAL_PROVIDER_UNAVAILABLE",
            code: "Unavailable",
          });
        }
        expect((await suite.logIn(person)).signUp).not.to.equal(undefined);
      });

      if (provider !== "google") {
        it("says that the provider is unavailable if its profiles alone fail, and refuses an odd answer", async () => {
          const { reason } = await refusalWith(await addPerson(), { profile: [{ status: 503 }] });
          expect(reason).to.equal("SOCIAL_PROVIDER_UNAVAILABLE");
          const refused = await refusalWith(await addPerson(), { profile: [{ status: 404 }] });
          expect(refused.reason).to.equal("FAIL_SOCIAL_LOGIN");
        });
      }

      it("creates no account without an address that the provider has verified", async () => {
        const people = [
          await addPerson({ email: undefined }),
          provider === "naver"
            ? await addPerson({ email: "someone@example.com" })
            : await addPerson({ isEmailVerified: false }),
        ];
        for (const person of people) {
          expect(await reasonOf(suite.logIn(person))).to.equal("SOCIAL_EMAIL_REQUIRED");
        }
      });

      it("refuses a banned user", async () => {
        const person = await addPerson();
        const userId = userOf(await suite.signUp(person));
        await suite.admins(admin.token).banUser({ userId, reason: "시험" });
        expect(await reasonOf(suite.logIn(person))).to.equal("NOT_ACTIVE_USER");
        expect(await suite.openSessions(userId)).to.equal(0);
      });

      it("never links an account because it has the same address, but says how its owner can", async () => {
        const email = emailAt(provider);
        const { registrationId } = await suite.register({ email });
        expect(registrationId).to.be.a("string");
        // A registration claims nothing.
        expect((await suite.logIn(await addPerson({ email }))).signUp).not.to.equal(undefined);
        const owner = await signUp(suite.stack, "주인", email);
        const person = await addPerson({ email });
        expect(await reasonOf(suite.logIn(person))).to.equal("SOCIAL_EMAIL_TAKEN");
        const { accounts } = await suite.social(owner.token).listSocialAccounts({});
        expect(accounts).to.deep.equal([]);

        const { account } = await suite.link(person, owner.token);
        expect(account?.provider).to.equal(providerOf(person));
        expect(userOf(await suite.logIn(person))).to.equal(owner.userId);
        await logIn(suite.stack, email, password);
      });

      it("ends if the person does not agree", async () => {
        const { authorizationUrl, handle } = await suite
          .social()
          .startSocialLogin({ provider: providerOf({ provider }) });
        const { searchParams } = await suite.sim.refuse(authorizationUrl);
        const callback = {
          provider: providerOf({ provider }),
          state: searchParams.get("state") ?? "",
          error: searchParams.get("error") ?? "",
          handle,
        };
        expect(await reasonOf(suite.complete(callback))).to.equal("SOCIAL_CONSENT_REFUSED");
        expect(await reasonOf(suite.complete(callback))).to.equal("FAIL_SOCIAL_LOGIN");
      });
    });
  }
});
