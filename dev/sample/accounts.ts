import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import { tokenOf, waitForActivationLink } from "../demo/mailbox.ts";
import type { PublicApi } from "../demo/public-api.ts";
import { reasonOf } from "../demo/refusal.ts";
import { type SamplePerson, samplePassword } from "./people.ts";

const grantAdminCommand = fileURLToPath(new URL("../../ops/grant-admin.ts", import.meta.url));

export interface AccountDeps {
  readonly api: PublicApi;
  readonly mailUrl: string;
}

/** Signs up with the link in the mail, unless there is an account, and logs in. Returns an access token. */
export async function signUpOnce(deps: AccountDeps, { email, name, phone }: SamplePerson): Promise<string> {
  const registration = deps.api.client(RegistrationService);
  try {
    await registration.registerUser({ email, name, phone, password: samplePassword });
  } catch (error) {
    if (reasonOf(error) !== "DUPLICATE_EMAIL") {
      throw error;
    }
    return logInOrActivate(deps, email);
  }
  return activate(deps, email);
}

/** Makes a person an operator by the command that makes the first one. It takes effect at the next login. */
export async function grantAdmin(env: Readonly<Record<string, string>>, email: string): Promise<void> {
  await promisify(execFile)(process.execPath, [grantAdminCommand, email], {
    env: { ...process.env, ...env },
  });
}

/** Returns an access token. */
export async function logIn(api: PublicApi, email: string): Promise<string> {
  const { tokens } = await api.client(AuthService).login({ email, password: samplePassword });
  return tokens?.accessToken ?? "";
}

/** An earlier start may have ended between the registration and the opening of the link. */
async function logInOrActivate(deps: AccountDeps, email: string): Promise<string> {
  try {
    return await logIn(deps.api, email);
  } catch (error) {
    if (reasonOf(error) !== "PENDING_EMAIL_VERIFICATION") {
      throw error;
    }
    return activate(deps, email);
  }
}

async function activate({ api, mailUrl }: AccountDeps, email: string): Promise<string> {
  const token = tokenOf(await waitForActivationLink(mailUrl, email));
  await api.client(RegistrationService).activateUser({ token });
  return logIn(api, email);
}
