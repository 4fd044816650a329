/** Seconds for which a delivery is kept from others. */
export const visibilitySeconds = 2;

/** Deliveries before a message is a dead letter. */
export const receivesMax = 3;

/** What a topic's name follows in its ARN. */
export function topicArnPrefix(env: Readonly<Record<string, string | undefined>>): string {
  return `arn:aws:sns:${env.AWS_REGION}:${env.AWS_ACCOUNT_ID}:`;
}
