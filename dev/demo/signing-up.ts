import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import { tokenOf, waitForActivationLink } from "./mailbox.ts";
import { must, mustRefuse, openPage, type Stage } from "./stage.ts";

/** A user who is logged in. */
export interface Person {
  readonly email: string;
  /** The access token. */
  readonly token: string;
}

/** Signs up, opens the link in the mail, and logs in. */
export async function signUp(stage: Stage, name: string): Promise<Person> {
  const registration = stage.api.client(RegistrationService);
  const email = `${randomUUID().slice(0, 13)}@demo.questioncloud.example`;
  const password = `demo-${randomUUID()}`;
  const phone = `010${String(randomInt(1e8)).padStart(8, "0")}`;
  await registration.registerUser({ email, password, name, phone });
  await mustRefuse("FAIL_LOGIN", stage.api.client(AuthService).login({ email, password }));

  const link = await waitForActivationLink(stage.mailUrl, email);
  stage.narrator.say(`A mail has arrived at ${email}, with a link to ${link.origin}${link.pathname}`);
  await openPage(stage, link);
  await registration.activateUser({ token: tokenOf(link), password });

  return logIn(stage, { email, password });
}

/** Logs in. */
export async function logIn(
  { api }: Stage,
  { email, password }: { email: string; password: string },
): Promise<Person> {
  const { tokens } = await api.client(AuthService).login({ email, password });
  const token = must(tokens, "the token pair").accessToken;
  assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/, "an access token is a JWT");
  return { email, token };
}
