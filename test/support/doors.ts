import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { Stack } from "../../dev/stack.ts";
import { protoServices } from "../../gateway/contracts.ts";
import { type Caller, createCaller } from "./callers.ts";

/** The ways in which a call may reach a service. */
export const doorNames = ["gateway", "http listener", "grpc listener"] as const;

export type DoorName = (typeof doorNames)[number];

/** Callers at every door of every service. */
export interface Doors {
  at(door: DoorName, method: DescMethodUnary): Caller;
  close(): void;
}

/** Every method of every service, sorted by service. */
export const allMethods: readonly DescMethodUnary[] = protoServices.flatMap(
  service => service.methods as DescMethodUnary[],
);

/** The service that answers a method. */
export function serviceOf(method: DescMethodUnary): string {
  return method.parent.file.proto.package.split(".")[1] ?? "";
}

/** Opens all doors of a stack. */
export function openDoors(stack: Stack): Doors {
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
    at(door, method) {
      const caller = door === "gateway" ? gateway : listeners.get(serviceOf(method))?.[door];
      if (caller === undefined) {
        throw new Error(`no service answers ${method.name}`);
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
