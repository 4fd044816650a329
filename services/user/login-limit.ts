import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Logger } from "#kit/process/log.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";
import { createLimit } from "#kit/rpc/rate-limits.ts";

/** Who tries a password. */
interface LoginAttempt {
  /** Normalized; also one that has no account, so that limits do not reveal which have. */
  readonly email: string;
  /** Network address. */
  readonly address: string;
  /** Undefined for a device on which the user has never signed in. */
  readonly deviceId: string | undefined;
}

/**
 * Verifies a password, unless too many were wrong within a minute; then throws RATE_LIMITED. Returns what `verify`
 * returns.
 */
export type LoginLimit = (attempt: LoginAttempt, verify: () => Promise<boolean>) => Promise<boolean>;

interface Ceilings {
  /** For one account from one network address, or from one known device. */
  readonly failuresPerMinute: number;
  /** For one account from everywhere but known devices, because guesses may come from many addresses. */
  readonly accountFailuresPerMinute: number;
}

/** Counts wrong passwords. A known device is counted by itself, so that no one else can keep its owner out. */
export function createLoginLimit(redis: Redis, ceilings: Ceilings, log: Logger): LoginLimit {
  const outage = createOutageLog(log, "login limiter");
  const limitOf = (name: string, perMinute: number) =>
    createLimit(redis, { name: `login-${name}`, uses: perMinute, seconds: 60, isStrict: true }, outage);
  const ofDevice = limitOf("device", ceilings.failuresPerMinute);
  const ofAddress = limitOf("address", ceilings.failuresPerMinute);
  const ofAccount = limitOf("account", ceilings.accountFailuresPerMinute);
  return async ({ email, address, deviceId }, verify) => {
    const account = createHash("sha256").update(email).digest("base64url");
    const uses =
      deviceId === undefined
        ? [() => ofAddress.use(`${account} ${address}`), () => ofAccount.use(account)]
        : [() => ofDevice.use(deviceId)];
    const giveBack: (() => Promise<void>)[] = [];
    let isWrong = false;
    try {
      // Counted before it is known to be wrong, so that guesses at the same time cannot exceed the limit.
      for (const use of uses) {
        giveBack.push(await use());
      }
      isWrong = !(await verify());
      return !isWrong;
    } finally {
      if (!isWrong) {
        await Promise.all(giveBack.map(give => give()));
      }
    }
  };
}
