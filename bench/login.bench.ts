import { argon2Sync, randomBytes } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { generateKeyPair } from "jose";
import { hashCost } from "#services/user/domain/password-hash.ts";
import { createPasswords } from "#services/user/passwords.ts";
import { createSlots } from "#services/user/slots.ts";
import { createAccessTokenSigner } from "#services/user/tokens/access-token.ts";
import { median } from "./compare.ts";
import { printRow } from "./report.ts";

// 20 logins a second, open loop: a password is verified and an access token signed. How long other work waits for the
// event loop meanwhile, against the same hash on the event loop itself.
const [seconds = "5", rounds = "3"] = process.argv.slice(3);
const perSecond = 20;
const password = "correct-horse-1";
const never = new AbortController().signal;

const passwords = await createPasswords(createSlots({ maxRunning: 2, maxWaiting: 100 }));
const stored = await passwords.hash(password, never);
const { privateKey } = await generateKeyPair("RS256");
const sign = createAccessTokenSigner(
  { kid: "1", privateKey, publicKeys: { keys: [] } },
  { issuer: "https://issuer.example", audience: "bench", lifetimeSeconds: 900 },
);

async function login(): Promise<void> {
  if (!(await passwords.verify(stored, password, never))) {
    throw new Error("the password is right");
  }
  await sign({ userId: 1n, role: "USER" });
}

async function loginOnTheLoop(): Promise<void> {
  const { memoryCost: memory, timeCost: passes, parallelism } = hashCost;
  argon2Sync("argon2id", {
    message: password,
    nonce: randomBytes(16),
    parallelism,
    tagLength: 32,
    memory,
    passes,
  });
  await sign({ userId: 1n, role: "USER" });
}

/** The 99th percentile of how late a timer is, and of how long a login takes, in milliseconds. */
async function measure(work: () => Promise<void>): Promise<{ late: number; taken: number }> {
  const resolutionMs = 1;
  const late = monitorEventLoopDelay({ resolution: resolutionMs });
  late.enable();
  const takenMs: number[] = [];
  const logins: Promise<void>[] = [];
  for (let count = 0; count < perSecond * Number(seconds); count++) {
    await delay(1000 / perSecond);
    const startMs = performance.now();
    logins.push(work().then(() => void takenMs.push(performance.now() - startMs)));
  }
  await Promise.all(logins);
  late.disable();
  const taken = takenMs.sort((a, b) => a - b)[Math.floor(takenMs.length * 0.99)] ?? 0;
  return { late: late.percentile(99) / 1e6 - resolutionMs, taken };
}

const results = new Map<string, { late: number; taken: number }[]>();
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, work] of [
    ["hash on the event loop", loginOnTheLoop],
    ["services/user/passwords.ts", login],
  ] as const) {
    results.set(name, [...(results.get(name) ?? []), await measure(work)]);
  }
}
printRow(["20 logins a second, p99 in ms", "", "loop late", "login"]);
for (const [name, measured] of results) {
  const of = (key: "late" | "taken") => median(measured.map(result => result[key])).toFixed(1);
  printRow([name, "", of("late"), of("taken")]);
}
