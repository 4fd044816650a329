import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { awsClientOptions, awsConfig } from "#kit/events/aws.ts";
import { outboxConfig } from "#kit/events/outbox.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type Databases, databaseConfig, openDatabases } from "../databases.ts";

/** The dependencies of the commands. */
export interface Workspace {
  readonly databases: Databases;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly topicArnPrefix: string;
  /** Days for which published events stay in an outbox. */
  readonly outboxKeepDays: number;
  /** Reports progress to the operator. */
  readonly progress: (line: string) => void;
  /** Aborted when the operator interrupts: finish what is in flight, start nothing. */
  readonly signal: AbortSignal;
}

/** The variables of a workspace that needs the schemas of these services. */
export function workspaceConfig(services: readonly string[]) {
  return { databases: databaseConfig(services), aws: awsConfig, keepDays: outboxConfig.keepDays };
}

/** Opens a workspace for the length of `work`. */
export async function withWorkspace<T>(
  env: Environment,
  services: readonly string[],
  { progress, signal }: Pick<Workspace, "progress" | "signal">,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const { aws, keepDays } = readConfig(env, workspaceConfig(services));
  const databases = openDatabases(env, services);
  const sns = new SNSClient(awsClientOptions(aws));
  const sqs = new SQSClient(awsClientOptions(aws));
  try {
    return await work({
      databases,
      sns,
      sqs,
      topicArnPrefix: `arn:aws:sns:${aws.region}:${aws.accountId}:`,
      outboxKeepDays: keepDays,
      progress,
      signal,
    });
  } finally {
    sns.destroy();
    sqs.destroy();
    await databases.close();
  }
}
