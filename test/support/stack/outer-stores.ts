import type { Variables } from "#dev/stack/services.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { startTcpGate, type TcpGate } from "./tcp-gate.ts";

/** What services need from elsewhere, with the variables that name it. SNS, SQS and S3 are at one address. */
const variableNames = {
  mariadb: serviceNames.map(name => `${name.toUpperCase()}_DATABASE_URL`),
  redis: ["REDIS_URL"],
  aws: ["AWS_ENDPOINT_URL"],
  mongo: ["PAY_MONGODB_URI"],
  jwks: ["USER_JWKS_URL"],
} as const;

/** A store, or the keys of access tokens. */
export type OuterStore = keyof typeof variableNames;

export const outerStores = Object.keys(variableNames) as OuterStore[];

/** The stores of a stack, each behind a proxy. */
interface GatedStores {
  readonly gates: Readonly<Record<OuterStore, TcpGate>>;
  /** Where services find the proxies. */
  readonly variables: Variables;
  close(): Promise<void>;
}

/** Opens a proxy in front of every store of a stack. */
export async function gateStores({ env }: Stack): Promise<GatedStores> {
  const gates: [OuterStore, TcpGate][] = [];
  const variables: Record<string, string> = {};
  for (const store of outerStores) {
    const names = variableNames[store];
    const gate = await startTcpGate(Number(new URL(env[names[0] ?? ""] ?? "").port));
    gates.push([store, gate]);
    for (const name of names) {
      const url = new URL(env[name] ?? "");
      url.port = String(gate.port);
      variables[name] = url.toString();
    }
  }
  return {
    gates: Object.fromEntries(gates) as Record<OuterStore, TcpGate>,
    variables,
    async close() {
      await Promise.all(gates.map(([, gate]) => gate.close()));
    },
  };
}
