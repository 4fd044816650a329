import { join } from "node:path";
import { expect } from "chai";
import { ownReads } from "#dev/demo/own-reads.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";
import type { ServerProcess } from "#dev/stack/servers/process.ts";
import { startNode, type Variables } from "#dev/stack/services.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { events, serviceNames } from "#kit/contract/contracts.ts";
import { queueOf, subscribersOf } from "#kit/contract/event.ts";
import { isLong } from "../support/faults/given.ts";
import { linkFaults } from "../support/faults/link-faults.ts";
import { bearer, createCaller } from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { completeLines } from "../support/stack/complete-lines.ts";
import { gateStores, type OuterStore, outerStores } from "../support/stack/outer-stores.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

type Way = "are cut" | "fall silent";

/** Each store in each way; or together those without which calls are refused, and those without which less is done. */
const outages: readonly { readonly stores: readonly OuterStore[]; readonly way: Way }[] = isLong
  ? outerStores.flatMap(store => [
      { stores: [store], way: "are cut" as const },
      { stores: [store], way: "fall silent" as const },
    ])
  : [
      { stores: ["mariadb", "jwks"], way: "are cut" },
      { stores: ["redis", "aws", "mongo"], way: "are cut" },
    ];

const queues = events.flatMap(event => subscribersOf(event).map(service => queueOf(event, service)));
const refusals = new Set(["SERVICE_UNAVAILABLE", "DEADLINE_EXCEEDED"]);
/** Of a user who is in no table. */
const decided = new Set(["NOT_FOUND", "NOT_CREATOR"]);
// A service says of each queue and store that it is unavailable, and available again.
const linesMax = 400;
/** Of which there are more the longer it is asked. */
const perCall = "call refused";
const portsEach = 3;

describe("services that start while connections to what they need fail", () => {
  let stack: Stack;
  let stores: Awaited<ReturnType<typeof gateStores>>;
  let block: PortBlock;
  let headers: Record<string, string>;
  let started: ServerProcess | undefined;

  before(async () => {
    stack = await sharedStack();
    stores = await gateStores(stack);
    block = await reservePorts({ base: 29_700, count: portsEach * serviceNames.length });
    headers = bearer(await signAccessToken(stack, { userId: 9_750_000_000n }));
  });
  afterEach(async () => {
    for (const gate of Object.values(stores.gates)) {
      gate.open();
    }
    await started?.stop();
  });
  after(async () => {
    await stores?.close();
    await block?.release();
  });

  const portsOf = (service: string) => block.ports.slice(portsEach * serviceNames.indexOf(service));

  const probe = async (service: string, path: string) =>
    (await fetch(`http://127.0.0.1:${portsOf(service)[2]}${path}`)).ok;

  /** What became of a call of each service. */
  const callAll = () =>
    Promise.all(
      serviceNames.map(async service => {
        const caller = createCaller("grpc-js", `http://127.0.0.1:${portsOf(service)[0]}`);
        const method = ownReads[service];
        const outcome = method && (await caller.call(method, undefined, { headers }));
        caller.close();
        const reason = outcome?.refusal?.reason;
        return reason === undefined || decided.has(reason) ? "answered" : reason;
      }),
    );

  const untilAnswered = () => {
    let seen: string[] = [];
    return until(
      async () => {
        seen = await callAll();
        return seen.every(each => each === "answered");
      },
      "every service answers",
      { progress: () => seen },
    );
  };

  async function startAll(name: string): Promise<ServerProcess> {
    const ports = serviceNames.flatMap(service => {
      const [grpc, http, probes] = portsOf(service);
      const own = service.toUpperCase();
      return Object.entries({ GRPC: grpc, HTTP: http, PROBE: probes }).map(([kind, port]) => [
        `${own}_${kind}_PORT`,
        String(port),
      ]);
    });
    const env: Variables = { ...stack.env, ...stores.variables, ...Object.fromEntries(ports) };
    return startNode(
      { dir: join(stack.dir, name), portBase: 0, processes: true, log: () => {} },
      {
        name,
        script: "services/main.ts",
        args: ["all"],
        env,
        ready: serviceNames.map(service => `http://127.0.0.1:${portsOf(service)[2]}/livez`),
      },
    );
  }

  for (const { stores: away, way } of outages) {
    it(`serve what they can, and everything once it is there: connections to ${away.join(", ")} ${way}`, async () => {
      for (const store of away) {
        linkFaults[way]?.(stores.gates[store]);
      }
      started = await startAll(`without-${away.join("-")}-${way.replace(" ", "-")}`);
      if (away.includes("mariadb") || away.includes("jwks")) {
        expect((await callAll()).filter(outcome => !refusals.has(outcome))).to.deep.equal([]);
      } else {
        await untilAnswered();
      }
      const ready = await Promise.all(serviceNames.map(service => probe(service, "/readyz")));
      expect(new Set(ready)).to.deep.equal(new Set([!away.includes("mariadb")]));

      const { logFile } = started;
      const messages = () => linesOf(logFile).map(({ msg }) => msg);
      const untilQueuesAre = async (what: string) => {
        for (const queue of away.includes("aws") ? queues : []) {
          await until(() => messages().includes(`${queue} ${what}`), `${queue} is ${what}`);
        }
      };
      await untilQueuesAre("unavailable");
      for (const store of away) {
        stores.gates[store].open();
      }
      await untilAnswered();
      for (const service of serviceNames) {
        await until(() => probe(service, "/readyz"), `${service} is ready`);
      }
      await untilQueuesAre("available again");
      expect(linesOf(logFile).filter(({ level }) => level === "error" || level === "fatal")).to.deep.equal(
        [],
      );
      expect(messages().filter(msg => msg !== perCall).length).to.be.below(linesMax);
    });
  }
});

function linesOf(logFile: string): { level: string; msg: string }[] {
  return completeLines(logFile)
    .filter(line => line.startsWith("{"))
    .map(line => JSON.parse(line));
}
