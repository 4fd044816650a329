import { deploymentOf, serviceNames } from "#kit/contract/contracts.ts";

/** The ports of a local stack. */
export interface StackPorts {
  readonly mariadb: number;
  readonly redis: number;
  readonly mongo: number;
  readonly aws: number;
  readonly smtp: number;
  readonly mail: number;
  readonly psp: number;
  readonly identity: number;
  readonly site: number;
  readonly gateway: number;
  readonly services: Readonly<Record<string, ServicePorts>>;
}

/** The listeners of one service. */
interface ServicePorts {
  readonly grpc: number;
  readonly http: number;
  readonly probe: number;
}

const serverNames = [
  "gateway",
  "site",
  "psp",
  "mail",
  "smtp",
  "mariadb",
  "redis",
  "mongo",
  "aws",
  "identity",
] as const;
const portsPerService = 3;
const serviceBlocks = 1 + Math.max(...serviceNames.map(name => deploymentOf(name).portBlock));

/** How many ports in a row a stack needs. */
export const stackPortCount = serverNames.length + portsPerService * serviceBlocks;

/** Assigns a row of ports: the gateway gets the first one, and every service the block that its contract names. */
export function assignPorts(ports: readonly number[]): StackPorts {
  const [base] = ports;
  if (base === undefined || ports.length < stackPortCount) {
    throw new Error(`a stack needs ${stackPortCount} ports`);
  }
  const servers = Object.fromEntries(serverNames.map((name, index) => [name, base + index]));
  const services = serviceNames.map(name => {
    const grpc = base + serverNames.length + portsPerService * deploymentOf(name).portBlock;
    return [name, { grpc, http: grpc + 1, probe: grpc + 2 }] as const;
  });
  return {
    ...(servers as Record<(typeof serverNames)[number], number>),
    services: Object.fromEntries(services),
  };
}
