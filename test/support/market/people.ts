import { decodeJwt } from "jose";
import type { Stack } from "#dev/stack/stack.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import { createDatabase } from "#kit/data/database.ts";
import { grantAdmin } from "#services/user/grant-admin.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { until } from "../stack/until.ts";

/** A user who signed up through the gateway. */
export interface Person {
  readonly userId: bigint;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** Signs up, opens the link in the mail, and logs in. */
export async function signUp(
  stack: Stack,
  name = "수험생",
  email = `${crypto.randomUUID()}@example.com`,
): Promise<Person> {
  const password = "correct-horse-1";
  const phone = `010${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
  const registration = createPublicClient(stack, RegistrationService);
  await registration.registerUser({ email, password, name, phone });
  await registration.activateUser({ token: await activationToken(stack, email), password });
  const tokens = await logIn(stack, email, password);
  return { userId: BigInt(decodeJwt(tokens.token).sub ?? ""), email, password, ...tokens };
}

/** Logs in and returns the tokens. */
export async function logIn(
  stack: Stack,
  email: string,
  password: string,
): Promise<{ token: string; refreshToken: string }> {
  const { tokens } = await createPublicClient(stack, AuthService).login({ email, password });
  return { token: tokens?.accessToken ?? "", refreshToken: tokens?.refreshToken ?? "" };
}

/** The token in the newest activation mail to an address. */
export async function activationToken(stack: Stack, email: string): Promise<string> {
  return until(async () => (await activationTokens(stack, email))[0]);
}

/** The tokens in the activation mails to an address, newest first. */
export async function activationTokens(stack: Stack, email: string): Promise<string[]> {
  const mails = await mailsTo(stack, email);
  return mails.flatMap(({ text }) => /activate#token=([\w-]+)/.exec(text)?.[1] ?? []);
}

/** The token in the newest mail to an address that links to a page of the site. */
export async function linkToken(stack: Stack, email: string, page: string): Promise<string> {
  return until(async () => {
    const mails = await mailsTo(stack, email);
    const links = mails.flatMap(({ text }) => new RegExp(`/${page}#token=([\\w-]+)`).exec(text)?.[1] ?? []);
    return links[0];
  }, `the mail that links to ${page} arrived`);
}

/** A mail as the mail simulator shows it. */
interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The mails to an address, newest first. */
export async function mailsTo(stack: Stack, email: string): Promise<Mail[]> {
  const answer = await fetch(`${stack.mailUrl}/mails?to=${encodeURIComponent(email)}`);
  return (await answer.json()) as Mail[];
}

/** Signs up an administrator, as the command does it; a new login returns tokens with the role. */
export async function signUpAdmin(stack: Stack): Promise<Person> {
  const person = await signUp(stack, "운영자");
  const database = createDatabase({ url: stack.env.USER_DATABASE_URL ?? "", poolSize: 1 });
  await grantAdmin(database, person.email).finally(() => database.close());
  return { ...person, ...(await logIn(stack, person.email, person.password)) };
}

/** Reads the profile of a token's user, which shows that the token works. */
export function profileOf(stack: Stack, token: string) {
  return createPublicClient(stack, ProfileService, { token }).getProfile({});
}
