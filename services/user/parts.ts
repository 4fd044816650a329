import type { Environment } from "#kit/config.ts";
import type { Floor } from "#kit/floor.ts";
import { type AccessTokenSigner, createAccessTokenSigner } from "./access-token.ts";
import { readUserConfig, type UserConfig } from "./config.ts";
import { createLoginLimit, type LoginLimit } from "./login-limit.ts";
import { createMailQueue, type MailQueue } from "./mail/mail-queue.ts";
import { createMailer, type Mailer } from "./mail/mailer.ts";
import { createPasswords, type Passwords } from "./passwords.ts";
import { readSigningKeys, type SigningKeys } from "./signing-keys.ts";
import { createSlots } from "./slots.ts";

/** What the user service has beside the floor. */
export interface Parts extends Floor {
  readonly userConfig: UserConfig;
  readonly signingKeys: SigningKeys;
  readonly signAccessToken: AccessTokenSigner;
  readonly passwords: Passwords;
  readonly limitLogins: LoginLimit;
  readonly mails: MailQueue;
  readonly mailer: Mailer;
}

/** Opens what the user service has beside the floor. */
export async function openParts(floor: Floor, env: Environment): Promise<Parts> {
  const userConfig = readUserConfig(env);
  const signingKeys = await readSigningKeys(userConfig.USER_SIGNING_KEYS_FILE);
  const runInSlot = createSlots({
    running: userConfig.USER_PASSWORD_HASHES_MAX,
    waiting: userConfig.USER_PASSWORD_QUEUE_MAX,
  });
  return {
    ...floor,
    userConfig,
    signingKeys,
    signAccessToken: createAccessTokenSigner(signingKeys, {
      issuer: floor.config.TOKEN_ISSUER,
      audience: floor.config.TOKEN_AUDIENCE,
      lifetimeSeconds: userConfig.USER_ACCESS_LIFETIME_SECONDS,
    }),
    passwords: await createPasswords(runInSlot),
    limitLogins: createLoginLimit(floor.redis, userConfig.USER_LOGIN_PER_MINUTE, floor.log),
    mails: createMailQueue(),
    mailer: createMailer(userConfig),
  };
}
