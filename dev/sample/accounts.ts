import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AuthService, RegistrationService } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { FrontDoor } from "../demo/front-door.ts";
import { tokenOf, waitForActivationLink } from "../demo/mailbox.ts";
import { reasonOf } from "../demo/refusal.ts";
import { type SamplePerson, samplePassword } from "./people.ts";

const grantAdminCommand = fileURLToPath(new URL("../../services/user/grant-admin.ts", import.meta.url));

export interface AccountDeps {
  readonly door: FrontDoor;
  readonly mailUrl: string;
}

/** Signs up with the link in the mail and logs in; who has an account already only logs in. Returns an access token. */
export async function signUpOnce(deps: AccountDeps, { email, name, phone }: SamplePerson): Promise<string> {
  const registration = deps.door.client(RegistrationService);
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

/** Makes somebody an operator by the command that makes the first one. A new login is needed to be one. */
export async function grantAdmin(env: Readonly<Record<string, string>>, email: string): Promise<void> {
  await promisify(execFile)(process.execPath, [grantAdminCommand, email], {
    env: { ...process.env, ...env },
  });
}

/** Returns an access token. */
export async function logIn(door: FrontDoor, email: string): Promise<string> {
  const { tokens } = await door.client(AuthService).login({ email, password: samplePassword });
  return tokens?.accessToken ?? "";
}

/** An earlier start may have ended between the registration and the opening of the link. */
async function logInOrActivate(deps: AccountDeps, email: string): Promise<string> {
  try {
    return await logIn(deps.door, email);
  } catch (error) {
    if (reasonOf(error) !== "PENDING_EMAIL_VERIFICATION") {
      throw error;
    }
    return activate(deps, email);
  }
}

async function activate({ door, mailUrl }: AccountDeps, email: string): Promise<string> {
  const token = tokenOf(await waitForActivationLink(mailUrl, email));
  await door.client(RegistrationService).activateUser({ token });
  return logIn(door, email);
}
