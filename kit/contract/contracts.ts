import { readFileSync } from "node:fs";
import {
  createFileRegistry,
  type DescFile,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
  getOption,
  hasOption,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Deployment, deployment } from "#gen/questioncloud/options/v1/deployment_pb.ts";
import { event } from "#gen/questioncloud/options/v1/event_pb.ts";
import { policyOf } from "#kit/contract/policy.ts";

/** Every contract, as a serialized FileDescriptorSet. */
const contractsImage = readFileSync(new URL("../../gen/contracts.binpb", import.meta.url));

/** Every contract. */
export const contracts: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, contractsImage),
);

const byName = <T extends { typeName: string }>(a: T, b: T) => (a.typeName < b.typeName ? -1 : 1);

/** The proto services of all `questioncloud.*.v1` packages, sorted by name. */
export const protoServices: readonly DescService[] = [...contracts.files]
  .filter(file => file.proto.package.startsWith("questioncloud."))
  .flatMap(file => file.services)
  .sort(byName);

/** All events, sorted by name. */
export const events: readonly DescMessage[] = [...contracts.files]
  .flatMap(file => file.messages)
  .filter(message => hasOption(message, event))
  .sort(byName);

const deployments: ReadonlyMap<string, Deployment> = new Map(
  [...contracts.files]
    .filter(file => hasOption(file, deployment))
    .map(file => [packageServiceOf(file), getOption(file, deployment)] as const)
    .sort(([, a], [, b]) => a.portBlock - b.portBlock),
);

/**
 * The services of the mesh by the order of their port blocks. Each is a folder in `services/` and a schema in
 * MariaDB.
 */
export const serviceNames: readonly string[] = [...deployments.keys()];

/** What the contracts say about a service of the mesh. */
export function deploymentOf(service: string): Deployment {
  const found = deployments.get(service);
  if (found === undefined) {
    throw new Error(`no service.proto declares ${service}`);
  }
  return found;
}

/**
 * The proto services that a service of the mesh serves: those of its own package, and those it implements for others.
 */
export function protoServicesOf(service: string): readonly DescService[] {
  const { implements: shared } = deploymentOf(service);
  return protoServices.filter(
    proto => packageServiceOf(proto.file) === service || shared.includes(proto.typeName),
  );
}

/** The services of the mesh that serve a proto service. */
export function serversOf(proto: DescService): readonly string[] {
  return serviceNames.filter(name => protoServicesOf(name).some(each => each.typeName === proto.typeName));
}

/** The services of the mesh that a service may call. */
export function calleesOf(service: string): readonly string[] {
  return serviceNames.filter(callee =>
    protoServicesOf(callee).some(proto =>
      proto.methods.some(method => policyOf(method).callers.includes(service)),
    ),
  );
}

/** The service that a contract belongs to: the second part of its package `questioncloud.<service>.v1`. */
export function packageServiceOf(file: DescFile): string {
  const [, service] = file.proto.package.split(".");
  if (service === undefined) {
    throw new Error(`${file.name}.proto is not in the package of a service`);
  }
  return service;
}
