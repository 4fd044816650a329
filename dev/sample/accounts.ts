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
  try {
    return await logIn(deps.api, email);
  } catch (error) {
    if (reasonOf(error) !== "FAIL_LOGIN") {
      throw error;
    }
  }
  const registration = deps.api.client(RegistrationService);
  await registration.registerUser({ email, name, phone, password: samplePassword });
  const token = tokenOf(await waitForActivationLink(deps.mailUrl, email));
  await registration.activateUser({ token, password: samplePassword });
  return logIn(deps.api, email);
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
