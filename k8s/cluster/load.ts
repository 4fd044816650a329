import type { DescMethodUnary } from "@bufbuild/protobuf";
import { ownReads } from "#dev/demo/own-reads.ts";
import { createPublicApi, type PublicApi } from "#dev/demo/public-api.ts";
import { reasonOf } from "#dev/demo/refusal.ts";
import { logIn } from "#dev/sample/accounts.ts";
import { sampleCreators } from "#dev/sample/people.ts";
import type { RunningStack } from "#dev/stack/running-stack.ts";
import { ChargePackage } from "#gen/questioncloud/point/v1/point_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { type Buyer, becomeBuyer, buyNext, charge, type Market, repeating } from "./buyers.ts";

/** Calls of one kind. */
interface Tally {
  readonly latenciesMs: number[];
  readonly failures: string[];
  /** Refusals by a business rule: the buyer owns the question, or has not enough points. */
  refused: number;
  /** When and why calls were repeated with the same request id, as a client does. */
  readonly repeats: string[];
}

/** Calls at a steady rate, which do not wait for one another. */
interface Load {
  readonly tallies: ReadonlyMap<string, Tally>;
  /** Waits for the calls in flight. */
  stop(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly everyMs: number;
  readonly call: (tally: Tally) => Promise<unknown>;
}

const firstBuyers = 4;
// Those who sign up want as many questions as are bought in between.
const everyMs = { read: 500, purchase: 1000, charge: 3000, signUp: 45_000, login: 3000 };
const maxPageSize = 100;

/**
 * Reads from each service by gRPC and by Connect in turn, buys, charges points, signs up and logs in at the gateway.
 * A refusal by a business rule is not a failure; every other error is.
 */
export async function startLoad({ gatewayUrl = "", mailUrl }: RunningStack): Promise<Load> {
  const open = (protocol: "connect" | "grpc") => createPublicApi({ urlOf: () => gatewayUrl, protocol });
  const api = open("connect");
  const { questions } = await api.client(StoreService).listQuestions({ pageSize: maxPageSize });
  const market = { api, mailUrl, questionIds: questions.map(({ questionId }) => questionId) };
  // As many as it takes to stay below the limit of reads for one user.
  const readers = await Promise.all(
    sampleCreators.map(async ({ email }) => ({ email, token: await logIn(api, email) })),
  );
  const buyers = await Promise.all(
    Array.from({ length: firstBuyers }, () => becomeBuyer(market, call => call())),
  );
  const kinds = [...readsOf([open("grpc"), api], readers), ...writesOf(market, buyers, readers)];
  const tallies = new Map<string, Tally>();
  const running = new Set<Promise<void>>();
  const timers = kinds.map(({ name, everyMs, call }) => {
    const tally: Tally = { latenciesMs: [], failures: [], refused: 0, repeats: [] };
    tallies.set(name, tally);
    return setInterval(() => {
      const one = measure(tally, () => call(tally)).finally(() => running.delete(one));
      running.add(one);
    }, everyMs);
  });
  return {
    tallies,
    async stop() {
      for (const timer of timers) {
        clearInterval(timer);
      }
      await Promise.all(running);
    },
  };
}

/** A read of each service, by each protocol in turn. */
function readsOf(apis: readonly PublicApi[], readers: readonly User[]): Kind[] {
  const nextReader = inTurn(() => readers);
  return Object.entries(ownReads).map(([service, method]) => {
    const nextApi = inTurn(() => apis);
    return {
      name: `reads of ${service}`,
      everyMs: everyMs.read,
      call: () => callEmpty(nextApi(), method, nextReader().token),
    };
  });
}

/** Returns one after the other, and then the first again. */
function inTurn<T>(list: () => readonly T[]): () => T {
  let turn = 0;
  return () => {
    const all = list();
    return all[turn++ % all.length] as T;
  };
}

function callEmpty(api: PublicApi, method: DescMethodUnary, token: string): Promise<unknown> {
  const client = api.client(method.parent, token) as Record<string, (request: object) => Promise<unknown>>;
  return client[method.localName]?.({}) as Promise<unknown>;
}

interface User {
  readonly email: string;
  token: string;
}

function writesOf(market: Market, buyers: Buyer[], readers: readonly User[]): Kind[] {
  const { api } = market;
  const wanting = () => buyers.filter(({ wanted }) => wanted.length > 0);
  const next = inTurn(wanting);
  // Often enough that no token ends.
  const nextUser = inTurn((): User[] => [...readers, ...wanting()]);
  const repeat = (tally: Tally) => repeating(error => tally.repeats.push(textOf(error)));
  const renew = async (user: User) => {
    user.token = await logIn(api, user.email);
  };
  return [
    { name: "purchases", everyMs: everyMs.purchase, call: tally => buyNext(api, next(), repeat(tally)) },
    {
      name: "charges",
      everyMs: everyMs.charge,
      call: tally => charge(api, next(), ChargePackage.D, repeat(tally)),
    },
    {
      name: "sign-ups",
      everyMs: everyMs.signUp,
      call: async tally => buyers.push(await becomeBuyer(market, repeat(tally))),
    },
    {
      name: "logins",
      everyMs: everyMs.login,
      call: () => renew(nextUser()),
    },
  ];
}

/** Prints what became of the calls of each kind, and returns how many failed for good. */
export function report({ tallies }: Load): number {
  let failed = 0;
  for (const [name, { latenciesMs, failures, refused, repeats }] of tallies) {
    const sorted = latenciesMs.toSorted((one, other) => one - other);
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    const without = `${refused} refused by a rule, ${repeats.length} repeated, ${failures.length} failed`;
    process.stdout.write(
      `${name}: ${sorted.length} answered, ${without}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
    );
    process.stdout.write(repeats.map(line => `  repeated: ${line}\n`).join(""));
    process.stdout.write(failures.map(line => `  failed: ${line}\n`).join(""));
    failed += failures.length;
  }
  return failed;
}

async function measure(tally: Tally, call: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  try {
    await call();
    tally.latenciesMs.push(performance.now() - startMs);
  } catch (error) {
    if (/^(ALREADY_OWN_QUESTION|OWN_QUESTION|NOT_ENOUGH_POINT)$/.test(reasonOf(error) ?? "")) {
      tally.refused += 1;
    } else {
      tally.failures.push(textOf(error));
    }
  }
}

function textOf(error: unknown): string {
  return `${new Date().toISOString()} ${error instanceof Error ? error.message : String(error)}`;
}
