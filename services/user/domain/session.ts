/** Open sessions a user may have; another login ends the oldest. */
export const maxSessions = 50;

/** A family of refresh tokens, of which only hashes are stored. */
export interface Session {
  readonly sessionId: string;
  readonly userId: bigint;
  readonly userAgent: string;
  readonly familyHash: Buffer;
  /** The seed from which, with the current token, the next one is derived. */
  readonly seed: Buffer;
  readonly currentHash: Buffer;
  /** The token that the current one replaced; null before the first refresh. */
  readonly previousHash: Buffer | null;
  readonly createTime: Date;
  readonly refreshTime: Date;
  readonly expireTime: Date;
  /** Null while the session is open. */
  readonly endTime: Date | null;
}

const maxUserAgentCharacters = 200;

/** The part of a user agent that a session keeps. */
export function truncateUserAgent(userAgent: string): string {
  return Array.from(userAgent).slice(0, maxUserAgentCharacters).join("");
}
