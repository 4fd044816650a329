import { type DescMessage, getOption, hasOption } from "@bufbuild/protobuf";
import { event } from "#gen/questioncloud/options/v1/event_pb.ts";
import { packageServiceOf } from "#kit/contract/contracts.ts";

/** Bytes that the body of an event may have. */
export const maxEventBytes = 200 * 1024;

/** The service that publishes an event, in whose package it is. */
export function publisherOf(schema: DescMessage): string {
  if (!hasOption(schema, event)) {
    throw new Error(`${schema.typeName} is not an event`);
  }
  return packageServiceOf(schema.file);
}

/** The names of the services that subscribe to an event. */
export function subscribersOf(schema: DescMessage): readonly string[] {
  return getOption(schema, event).subscribers;
}

/** The SNS topic of an event, for example `pay-questions-purchased`. */
export function topicOf(schema: DescMessage): string {
  return `${publisherOf(schema)}-${kebab(schema.name)}`;
}

/** The SQS queue on which a service subscribes to an event, for example `coupon-on-questions-purchased`. */
export function queueOf(schema: DescMessage, service: string): string {
  return `${service}-on-${kebab(schema.name)}`;
}

/** The dead letter queue behind a queue. */
export function deadLetterQueueOf(queue: string): string {
  return `${queue}-dead`;
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}
