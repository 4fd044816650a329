/** The visibility timeout of a message. */
export const visibilitySeconds = 2;

/** Deliveries after which a message becomes a dead letter. */
export const receivesMax = 3;

/** The ARN of a topic up to its name. */
export function topicArnPrefix(env: Readonly<Record<string, string | undefined>>): string {
  return `arn:aws:sns:${env.AWS_REGION}:${env.AWS_ACCOUNT_ID}:`;
}
