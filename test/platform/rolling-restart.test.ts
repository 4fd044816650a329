import type { DescMethodUnary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { ownReads } from "#dev/demo/own-reads.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { defaultRates } from "#gateway/envoy/options.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import type { ServiceModule } from "#kit/service/run.ts";
import { isTransient } from "../support/market/purchase-runs.ts";
import { present } from "../support/market/questions.ts";
import { bearer, type CallerKind, createCaller } from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { countCalls } from "../support/stack/metrics.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { type ReplicaHere, startReplicaHere } from "../support/stack/replica.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { type LoadResult, startLoad } from "../support/stack/steady-load.ts";
import { until } from "../support/stack/until.ts";

const pauseMs = 10;
const kinds: readonly CallerKind[] = ["connect-web", "grpc-js"];

describe("a replica of any service that stops and starts next to another one", () => {
  let stack: Stack;
  let gateway: OwnGateway;
  let headers: Record<string, string>;
  const replicas = new Map<string, ReplicaHere>();

  before(async () => {
    stack = await sharedStack();
    const { services } = readEnvoyOptions(stack.env);
    for (const name of serviceNames) {
      const module = (await import(`#services/${name}/service.ts`)) as ServiceModule;
      const env = { [`${name.toUpperCase()}_DATABASE_POOL_CONNECTIONS`]: "4" };
      replicas.set(name, await startReplicaHere(stack, name, module, env));
    }
    const at = (url: string) => ({ host: "127.0.0.1", port: Number(new URL(url).port) });
    const entries = [...replicas].map(([name, { grpcUrl, httpUrl }]) => {
      const { grpc = [], http = [] } = services[name] ?? {};
      return [name, { grpc: [...grpc, at(grpcUrl)], http: [...http, at(httpUrl)] }];
    });
    const rates = { ...defaultRates, read: { requests: 1_000_000, perSeconds: 10 } };
    gateway = await startOwnGateway(stack, {
      services: { ...services, ...Object.fromEntries(entries) },
      rates,
    });
    headers = bearer(await signAccessToken(stack, { userId: 9_650_000_000n }));
  });
  after(async () => {
    await gateway?.stop();
    await Promise.all([...replicas.values()].map(replica => replica.stop()));
  });

  function startCalls(kind: CallerKind, method: DescMethodUnary): () => Promise<LoadResult> {
    const caller = createCaller(kind, gateway.url);
    return startLoad(pauseMs, async () => {
      const { refusal } = await caller.call(method, undefined, { headers });
      const isFailure = refusal !== undefined && isTransient(refusal.reason);
      return isFailure ? `${method.name} ${kind}: ${refusal.code} ${refusal.text}` : undefined;
    });
  }

  /** True if calls arrive from the gateway at both listeners. */
  async function isCalled(replica: ReplicaHere, method: DescMethodUnary, before: readonly number[]) {
    const counts = await callsOf(replica, method);
    const ports = [replica.grpcPort, Number(new URL(replica.httpUrl).port)];
    return counts.every((count, index) => count > (before[index] ?? 0)) && gateway.uses(ports);
  }

  const callsOf = (replica: ReplicaHere, { parent, name }: DescMethodUnary) =>
    Promise.all(
      ["connect", "grpc"].map(protocol =>
        countCalls(replica, { method: `${parent.typeName}/${name}`, protocol }),
      ),
    );

  for (const [name, method] of Object.entries(ownReads)) {
    it(`fails no call at the gateway: ${name}`, async () => {
      const replica = present(replicas.get(name));
      const loads = kinds.map(kind => startCalls(kind, method));
      let results: LoadResult[] = [];
      const untilCalled = async () => {
        const before = await callsOf(replica, method);
        await until(() => isCalled(replica, method, before), "the gateway uses the replica");
      };
      try {
        await untilCalled();
        await replica.restart();
        await untilCalled();
      } finally {
        results = await Promise.all(loads.map(end => end()));
      }
      expect(results.flatMap(({ failures }) => failures)).to.deep.equal([]);
    });
  }

  it("is tried for every service", () => {
    expect(Object.keys(ownReads).toSorted()).to.deep.equal([...replicas.keys()].toSorted());
  });
});
