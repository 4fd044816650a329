import { fromBinary, fromJsonString, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { methodName } from "#kit/contract/policy.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import type { Route } from "#kit/rpc/implement.ts";
import { type RecordOptions, recordOutcome } from "#kit/rpc/interceptors/record-call.ts";
import { toFailure } from "#kit/rpc/interceptors/translate-errors.ts";
import type { Pipeline } from "#kit/rpc/pipeline.ts";
import { undecodable } from "#kit/rpc/undecodable.ts";

/** What both listeners need to serve calls. */
export interface CallsOptions extends RecordOptions {
  readonly routes: readonly Route[];
  readonly pipelineOf: (route: Route) => Pipeline;
}

/** How messages of a method are encoded. */
export interface Format {
  /** As in content types. */
  readonly name: "proto" | "json";
  /** Throws BAD_REQUEST for what is no request of the method. */
  decode(bytes: Uint8Array): Message;
  encode(answer: Message): Uint8Array;
}

/** A method that is served, at its path. */
export interface Endpoint {
  readonly method: Route["method"];
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly binary: Format;
  readonly json: Format;
}

/** The name of an unknown method in the semantic conventions. */
export const unknownMethod = "_OTHER";

/** The methods of a service by their paths. */
export function createEndpoints({ routes, pipelineOf }: CallsOptions): ReadonlyMap<string, Endpoint> {
  return new Map(
    routes.map(route => {
      const name = methodName(route.method);
      const formats = { binary: binaryOf(route), json: jsonOf(route) };
      return [`/${name}`, { method: route.method, name, pipeline: pipelineOf(route), ...formats }];
    }),
  );
}

function binaryOf({ method }: Route): Format {
  return {
    name: "proto",
    decode: bytes => decoded(() => fromBinary(method.input, bytes)),
    encode: answer => toBinary(method.output, answer),
  };
}

const utf8Decoder = new TextDecoder();

function jsonOf({ method }: Route): Format {
  // A misspelled field must not be taken for an absent one.
  const options = { ignoreUnknownFields: false };
  return {
    name: "json",
    decode: bytes => decoded(() => fromJsonString(method.input, utf8Decoder.decode(bytes), options)),
    encode: answer => Buffer.from(toJsonString(method.output, answer)),
  };
}

function decoded(decode: () => Message): Message {
  try {
    return decode();
  } catch (error) {
    throw undecodable(error);
  }
}

/**
 * Does what precedes or follows the pipeline, which records no failure of it: to check a call, which may refuse it, and
 * to encode its answer, which must not fail.
 */
export function outsidePipeline<T>(
  method: string,
  call: Pick<IncomingCall, "protocol" | "requestId">,
  step: () => T,
  options: RecordOptions,
): T {
  try {
    return step();
  } catch (error) {
    const failure = toFailure(error);
    recordOutcome(method, { ...call, caller: { kind: "anonymous" } }, failure, 0, options);
    throw failure;
  }
}
