import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { awsClientOptions } from "#kit/aws.ts";
import { type Environment, integer, readConfig } from "#kit/config.ts";
import { createDatabase, type Database } from "#kit/database.ts";
import type { ServiceName } from "../services.ts";

/** The schemas and queues that the commands look into. */
export interface Stores {
  /** The services whose schemas are open. */
  readonly services: readonly ServiceName[];
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly topicArnPrefix: string;
  /** Days for which published events stay in an outbox. */
  readonly outboxKeepDays: number;
  /** Runs `work` on the schema of a service; an error names the service. */
  inSchema<T>(service: ServiceName, work: (database: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens the schemas of the named services from the variables that the services themselves read. */
export function openStores(env: Environment, services: readonly ServiceName[]): Stores {
  const variableOf = (service: ServiceName) => `${service.toUpperCase()}_DATABASE_URL`;
  const url = z.string("is missing").regex(/^mariadb:\/\//, "must begin with mariadb://");
  const config = readConfig(env, {
    ...Object.fromEntries(services.map(service => [variableOf(service), url])),
    AWS_REGION: z.string().default("ap-northeast-2"),
    AWS_ENDPOINT_URL: z.url().optional(),
    AWS_ACCOUNT_ID: z.string("is missing").regex(/^\d{12}$/, "must have 12 digits"),
    OUTBOX_KEEP_DAYS: integer({ min: 1, max: 365, fallback: 14 }),
  });
  const urls = config as unknown as Readonly<Record<string, string>>;
  const databases = new Map(
    services.map(service => [service, createDatabase({ url: urls[variableOf(service)] ?? "", poolSize: 2 })]),
  );
  const sns = new SNSClient(awsClientOptions(config));
  const sqs = new SQSClient(awsClientOptions(config));
  return {
    services,
    sns,
    sqs,
    topicArnPrefix: `arn:aws:sns:${config.AWS_REGION}:${config.AWS_ACCOUNT_ID}:`,
    outboxKeepDays: config.OUTBOX_KEEP_DAYS,
    async inSchema(service, work) {
      try {
        return await work(databases.get(service) as Database);
      } catch (error) {
        throw new Error(`the schema of ${service} could not be used`, { cause: error });
      }
    },
    async close() {
      sns.destroy();
      sqs.destroy();
      await Promise.all([...databases.values()].map(database => database.close()));
    },
  };
}
