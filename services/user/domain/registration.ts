/** A request for an account. It claims nothing; who reads the mail to its address may activate it until it expires. */
export interface Registration {
  readonly registrationId: string;
  /** Normalized. */
  readonly email: string;
  readonly phone: string;
  readonly passwordHash: string;
  readonly name: string;
  /** Of the newest token that was mailed; null before the first. */
  readonly tokenHash: Buffer | null;
  readonly createTime: Date;
  readonly expireTime: Date;
}

/** How many mails may be sent for one registration. */
export const maxMails = 5;
