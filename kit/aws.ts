/** What the clients of SNS, SQS and S3 have in common. */
export function awsClientOptions(config: {
  readonly AWS_REGION: string;
  readonly AWS_ENDPOINT_URL?: string | undefined;
}) {
  return {
    region: config.AWS_REGION,
    ...(config.AWS_ENDPOINT_URL === undefined ? {} : { endpoint: config.AWS_ENDPOINT_URL }),
    maxAttempts: 3,
    requestHandler: { requestTimeout: 10_000, throwOnRequestTimeout: true, connectionTimeout: 2000 },
  };
}
