import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { Stack } from "#dev/stack/stack.ts";
import { protoServices, serversOf } from "#kit/contract/contracts.ts";
import { type Caller, createCaller } from "./callers.ts";

/** The ways in which a call can reach a service. */
export const entryPointNames = ["gateway", "http listener", "grpc listener"] as const;

export type EntryPointName = (typeof entryPointNames)[number];

/** A method at one of the services that serve it. */
export interface Target {
  readonly method: DescMethodUnary;
  readonly service: string;
}

/** Every method at every service that serves it, sorted by proto service. */
export const allTargets: readonly Target[] = protoServices.flatMap(proto =>
  serversOf(proto).flatMap(service =>
    proto.methods.map(method => ({ method: method as DescMethodUnary, service })),
  ),
);

/** The name of a target in titles; names the service where several serve the method. */
export function nameOfTarget({ method, service }: Target): string {
  const name = `${method.parent.name}.${method.name}`;
  return serversOf(method.parent).length === 1 ? name : `${name} at ${service}`;
}

/** Clients for all entry points of all services. */
export interface EntryPoints {
  at(name: EntryPointName, target: Target): Caller;
  close(): void;
}

/** Opens clients for all entry points of a stack. */
export function openEntryPoints(stack: Stack): EntryPoints {
  const gateway = createCaller("connect-node binary", stack.gatewayUrl ?? "");
  const listeners = new Map(
    Object.entries(stack.ports.services).map(([name, { grpc, http }]) => [
      name,
      {
        "http listener": createCaller("connect-node binary", `http://127.0.0.1:${http}`),
        "grpc listener": createCaller("grpc-js", `http://127.0.0.1:${grpc}`),
      },
    ]),
  );
  return {
    at(name, { service }) {
      const caller = name === "gateway" ? gateway : listeners.get(service)?.[name];
      if (caller === undefined) {
        throw new Error(`${service} is not part of the stack`);
      }
      return caller;
    },
    close() {
      gateway.close();
      for (const listener of listeners.values()) {
        listener["http listener"].close();
        listener["grpc listener"].close();
      }
    },
  };
}
