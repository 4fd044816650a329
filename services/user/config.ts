import { type Config, flag, integer, optionalText, secrets, text, url } from "#kit/process/config.ts";
import { notLonger } from "#kit/process/duration-rules.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

const socialProvider = (name: string, issuerUrl: string) => ({
  issuerUrl: url(`USER_SOCIAL_${name}_ISSUER_URL`, { fallback: issuerUrl }),
  clientId: optionalText(`USER_SOCIAL_${name}_CLIENT_ID`),
  clientSecret: optionalText(`USER_SOCIAL_${name}_CLIENT_SECRET`, { secret: true }),
});

const variables = {
  runtime: runtimeConfig("user"),
  /** The site to which the links in mails lead. */
  siteUrl: url("USER_SITE_URL"),
  accessTokens: {
    signingKeysFile: text("USER_SIGNING_KEYS_FILE"),
    lifetimeSeconds: integer("USER_ACCESS_LIFETIME_SECONDS", { min: 1, max: 900, fallback: 300 }),
  },
  sessions: {
    /** Extended by every refresh. */
    lifetimeDays: integer("USER_REFRESH_LIFETIME_DAYS", { min: 1, max: 365, fallback: 30 }),
    /** How long a replaced refresh token still leads to its successor. */
    graceMs: integer("USER_REFRESH_GRACE_MS", { min: 0, max: 60_000, fallback: 10_000 }),
    secureCookie: flag("USER_COOKIE_SECURE", true),
  },
  login: {
    /** Wrong passwords for one account from one network address, or from one known device. */
    failuresPerMinute: integer("USER_LOGIN_FAILURES_PER_MINUTE", { min: 1, max: 10_000_000, fallback: 10 }),
    /** Wrong passwords for one account from all devices that are not known. */
    accountFailuresPerMinute: integer("USER_LOGIN_ACCOUNT_FAILURES_PER_MINUTE", {
      min: 1,
      max: 10_000_000,
      fallback: 100,
    }),
  },
  /** Sign the cookies of known devices and the tokens of social sign-ups; the same for all replicas. */
  devices: { secrets: secrets("USER_DEVICE_SECRETS", { minLength: 32 }) },
  /** Identity providers; one without id and secret is not offered. */
  social: {
    /** For each answer of a provider. */
    timeoutMs: integer("USER_SOCIAL_TIMEOUT_MS", { min: 100, max: 8000, fallback: 3000 }),
    /** Between the start of a login and the answer of the provider. */
    loginSeconds: integer("USER_SOCIAL_LOGIN_SECONDS", { min: 1, max: 3600, fallback: 600 }),
    providers: {
      KAKAO: socialProvider("KAKAO", "https://kauth.kakao.com"),
      GOOGLE: socialProvider("GOOGLE", "https://accounts.google.com"),
      NAVER: socialProvider("NAVER", "https://nid.naver.com"),
    },
  },
  passwords: {
    /** Hashes computed at the same time, each on its own core. */
    maxRunning: integer("USER_PASSWORD_HASHES_MAX", { min: 1, max: 64, fallback: 2 }),
    maxWaiting: integer("USER_PASSWORD_QUEUE_MAX", { min: 0, max: 10_000, fallback: 100 }),
  },
  registration: {
    /** Of one e-mail address by one client. */
    perHour: integer("USER_REGISTRATIONS_PER_HOUR", { min: 1, max: 10_000_000, fallback: 5 }),
    lifetimeSeconds: integer("USER_REGISTRATION_LIFETIME_SECONDS", {
      min: 1,
      max: 604_800,
      fallback: 86_400,
    }),
    /** The time between two mails for one registration. */
    resendIntervalMs: integer("USER_REGISTRATION_RESEND_MS", { min: 0, max: 3_600_000, fallback: 60_000 }),
  },
  /** What people ask for by mail: a new password, their address, another address. */
  accountRequests: {
    /** Of one address or phone number by one client. */
    perHour: integer("USER_ACCOUNT_MAILS_PER_HOUR", { min: 1, max: 10_000_000, fallback: 5 }),
    /** By all clients together. Once they are used up, the newest link in the mailbox still works. */
    allPerHour: integer("USER_ACCOUNT_MAILS_ALL_PER_HOUR", { min: 1, max: 10_000_000, fallback: 20 }),
    lifetimeSeconds: integer("USER_ACCOUNT_REQUEST_LIFETIME_SECONDS", {
      min: 1,
      max: 86_400,
      fallback: 3600,
    }),
    /** How long the previous address can undo a change. */
    reportDays: integer("USER_EMAIL_CHANGE_REPORT_DAYS", { min: 1, max: 30, fallback: 7 }),
  },
  smtp: {
    url: url("USER_SMTP_URL", { schemes: ["smtp", "smtps"], secret: true }),
    timeoutMs: integer("USER_SMTP_TIMEOUT_MS", { min: 100, max: 60_000, fallback: 10_000 }),
  },
  mail: {
    /** An address, with or without a name in front of it. */
    from: text("USER_MAIL_FROM", { minLength: 3 }),
    pollMs: integer("USER_MAIL_POLL_MS", { min: 10, max: 60_000, fallback: 1000 }),
    /** How long a claim lasts unless renewed, and so how long the crash of a replica delays a mail. */
    claimMs: integer("USER_MAIL_CLAIM_MS", { min: 100, max: 600_000, fallback: 10_000 }),
    retryBaseMs: integer("USER_MAIL_RETRY_BASE_MS", { min: 10, max: 600_000, fallback: 5000 }),
    retryMaxMs: integer("USER_MAIL_RETRY_MAX_MS", { min: 10, max: 86_400_000, fallback: 1_200_000 }),
    maxAttempts: integer("USER_MAIL_ATTEMPTS_MAX", { min: 1, max: 100, fallback: 12 }),
    keepDays: integer("USER_MAIL_KEEP_DAYS", { min: 1, max: 365, fallback: 30 }),
  },
  /** Withdrawals that are published once more. */
  withdrawal: {
    pollMs: integer("USER_WITHDRAWAL_POLL_MS", { min: 10, max: 60_000, fallback: 10_000 }),
    claimMs: integer("USER_WITHDRAWAL_CLAIM_MS", { min: 100, max: 600_000, fallback: 10_000 }),
  },
  cleanup: {
    intervalMs: integer("USER_CLEANUP_INTERVAL_MS", { min: 100, max: 3_600_000, fallback: 60_000 }),
  },
};

/** The variables of the user service. */
export const config = {
  ...variables,
  rules: [
    notLonger(variables.mail.retryBaseMs, variables.mail.retryMaxMs),
    // A mail that is being sent is sent before the process stops.
    notLonger(variables.smtp.timeoutMs, variables.runtime.drain.limitMs),
    notLonger(variables.registration.resendIntervalMs, variables.registration.lifetimeSeconds),
  ],
};

export type UserConfig = Config<typeof config>;
