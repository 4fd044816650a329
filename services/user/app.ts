import { userIdOf } from "#kit/contract/context.ts";
import { createWakeup, type Wakeup } from "#kit/process/loop.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { UserConfig } from "./config.ts";
import { isAdministrator } from "./db/users.ts";
import { createLoginLimit, type LoginLimit } from "./login-limit.ts";
import { createMailQueue, type MailQueue } from "./mail/mail-queue.ts";
import { createMailer, type Mailer } from "./mail/mailer.ts";
import { createMailLimit, type MailLimit } from "./mail-limit.ts";
import { createPasswords, type Passwords } from "./passwords.ts";
import { createSlots } from "./slots.ts";
import { createSocialProviders, type SocialProviders } from "./social/providers.ts";
import { type AccessTokenSigner, createAccessTokenSigner } from "./tokens/access-token.ts";
import { createDevices, type Devices } from "./tokens/device-cookie.ts";
import { createPointClearance, type PointClearance } from "./tokens/point-clearance.ts";
import { createRegisterTokens, type RegisterTokens } from "./tokens/register-token.ts";
import { readSigningKeys, type SigningKeys } from "./tokens/signing-keys.ts";

/** The dependencies of the user service. */
export interface App extends Runtime {
  readonly config: UserConfig;
  readonly signingKeys: SigningKeys;
  readonly signAccessToken: AccessTokenSigner;
  readonly passwords: Passwords;
  readonly limitLogins: LoginLimit;
  readonly limitRegistrations: MailLimit;
  /** Of the mails that anyone can have sent to an account. */
  readonly limitAccountMails: MailLimit;
  readonly devices: Devices;
  readonly isClearedByPoint: PointClearance;
  readonly socialProviders: SocialProviders;
  readonly registerTokens: RegisterTokens;
  readonly mails: MailQueue;
  /** Wakes the job that sends mails; the queue does so after each commit that added one. */
  readonly mailWakeup: Wakeup;
  readonly mailer: Mailer;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: UserConfig, overrides: Partial<App> = {}): Promise<App> {
  const signingKeys = await readSigningKeys(config.accessTokens.signingKeysFile);
  const passwords = await createPasswords(createSlots(config.passwords));
  const runtime = await createRuntime("user", config);
  const { issuer, audience } = config.runtime.userTokens;
  const { lifetimeSeconds } = config.accessTokens;
  const { redis, log } = runtime;
  const mailWakeup = createWakeup();
  const mailer = createMailer(config);
  runtime.onClose(() => mailer.close());
  return {
    ...runtime,
    access: {
      ...runtime.access,
      isAdministrator: context => isAdministrator(runtime.database, userIdOf(context)),
    },
    signingKeys,
    signAccessToken: createAccessTokenSigner(signingKeys, { issuer, audience, lifetimeSeconds }),
    passwords,
    limitLogins: createLoginLimit(redis, config.login, log),
    limitRegistrations: createMailLimit(redis, { name: "registration", ...config.registration }, log),
    limitAccountMails: createMailLimit(redis, { name: "account-mail", ...config.accountRequests }, log),
    devices: createDevices({ secrets: config.devices.secrets, secure: config.sessions.secureCookie }),
    isClearedByPoint: createPointClearance(runtime),
    socialProviders: createSocialProviders(config, runtime.metrics),
    registerTokens: createRegisterTokens(config.devices.secrets),
    mails: createMailQueue(mailWakeup.wake),
    mailWakeup,
    mailer,
    ...overrides,
  };
}
