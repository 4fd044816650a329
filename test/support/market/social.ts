import { decodeJwt } from "jose";
import type { Person, PersonInput, ProviderName } from "#dev/sim/identity/people.ts";
import { createIdentitySim } from "#dev/sim/identity/sim-client.ts";
import {
  type CompleteSocialLoginResponse,
  SocialAccountService,
  SocialProvider,
} from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { newEmail, newPhone, openUserSuite, password } from "./user-suite.ts";

/** What the suites of social logins share, on the shared stack. */
export type SocialSuite = Awaited<ReturnType<typeof openSocialSuite>>;

const numbers: Readonly<Record<ProviderName, SocialProvider>> = {
  google: SocialProvider.GOOGLE,
  kakao: SocialProvider.KAKAO,
  naver: SocialProvider.NAVER,
};

/** The number of a provider in the contract. */
export function providerOf({ provider }: Pick<Person, "provider">): SocialProvider {
  return numbers[provider];
}

export async function openSocialSuite() {
  const suite = await openUserSuite();
  const sim = createIdentitySim(suite.stack.identityUrl);
  const social = (token?: string, headers: Record<string, string> = {}) =>
    createPublicClient(suite.stack, SocialAccountService, { token, headers });

  /** A callback as the provider sends it to a browser, after a person agreed. */
  async function agree(person: Person, start: Start): Promise<Callback> {
    const { searchParams } = await sim.agree(start.authorizationUrl, person);
    const text = (name: string) => searchParams.get(name) ?? "";
    const { handle } = start;
    return {
      provider: providerOf(person),
      state: text("state"),
      code: text("code"),
      iss: text("iss"),
      handle,
    };
  }

  /** Starts a login and agrees. */
  async function arrive(person: Person): Promise<Callback> {
    return agree(person, await social().startSocialLogin({ provider: providerOf(person) }));
  }

  const complete = (callback: Partial<Callback>) => social().completeSocialLogin({ callback });
  const logIn = async (person: Person) => complete(await arrive(person));

  return {
    ...suite,
    sim,
    social,
    agree,
    arrive,
    complete,
    logIn,
    /** A person at a provider, with an address that the provider has verified. */
    addPerson: (provider: ProviderName, fields: Partial<PersonInput> = {}) =>
      sim.addPerson({ provider, name: "한수험", email: emailAt(provider), ...fields }),
    /** Signs up; returns the tokens of the new user. */
    async signUp(person: Person) {
      const { signUp } = await logIn(person);
      const { registerToken = "" } = signUp ?? {};
      return social().registerSocialUser({ registerToken, name: "한수험", phone: newPhone() });
    },
    /** Links to the account of a user, who has the password of all users in tests or a token that was mailed. */
    async link(person: Person, token: string, confirmationToken = "") {
      const evidence = confirmationToken === "" ? { password } : { confirmationToken };
      const start = await social(token).startSocialLink({ provider: providerOf(person), ...evidence });
      return social(token).linkSocialAccount({ callback: await agree(person, start) });
    },
  };
}

interface Start {
  readonly authorizationUrl: string;
  readonly handle: string;
}

/** The callback of the contract, written out. */
interface Callback {
  readonly provider: SocialProvider;
  readonly state: string;
  readonly code: string;
  readonly iss: string;
  readonly handle: string;
  readonly error?: string;
}

/** An unused address; only one of its own is verified at Naver. */
export function emailAt(provider: ProviderName): string {
  return provider === "naver" ? newEmail().replace("example.com", "naver.com") : newEmail();
}

/** The user whom tokens are for. */
export function userOf({ tokens }: Pick<CompleteSocialLoginResponse, "tokens">): bigint {
  return BigInt(decodeJwt(tokens?.accessToken ?? "").sub ?? "");
}
