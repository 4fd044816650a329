import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Logger } from "#kit/process/log.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";
import { createLimit } from "#kit/rpc/rate-limits.ts";

/** Counts one mail that a client asks for, to an e-mail address or a phone number; throws RATE_LIMITED. */
export type MailLimit = (recipient: string, clientAddress: string) => Promise<void>;

interface MailLimitOptions {
  readonly name: string;
  /** For one recipient by one client. */
  readonly perHour: number;
  /** For one recipient by all clients; without it, others cannot keep the recipient from asking. */
  readonly allPerHour?: number;
}

/** Limits the mails that anyone can have sent to one recipient. */
export function createMailLimit(
  redis: Redis,
  { name, perHour, allPerHour }: MailLimitOptions,
  log: Logger,
): MailLimit {
  const outage = createOutageLog(log, `${name} limiter`);
  const limitOf = (suffix: string, uses: number) =>
    createLimit(redis, { name: `${name}${suffix}`, uses, seconds: 3600, isStrict: true }, outage);
  const ofClient = limitOf("", perHour);
  const ofAll = allPerHour === undefined ? undefined : limitOf("-all", allPerHour);
  return async (recipient, clientAddress) => {
    const key = createHash("sha256").update(recipient).digest("base64url");
    await ofClient.use(`${key} ${clientAddress}`);
    await ofAll?.use(key);
  };
}
