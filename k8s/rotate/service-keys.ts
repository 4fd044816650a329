import { readFileSync, writeFileSync } from "node:fs";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { calleesOf, protoServicesOf, serviceNames } from "#kit/contract/contracts.ts";
import { methodName, policyOf } from "#kit/contract/policy.ts";
import { createServiceTokenSigner, serviceTokenHeader } from "#kit/rpc/tokens/service-token.ts";
import { keysPath } from "../objects/names.ts";
import { acceptedInPods, keyNamesIn } from "./in-pods.ts";
import { type Installed, ofBoth, type Rotation, type Which, whichOf } from "./rotation.ts";

/** The lifetime of a service's token, and how far clocks may be apart. */
const tokenSeconds = 65;

interface Pair {
  readonly service: string;
  readonly file: string;
  readonly keys: Readonly<Record<Which, JWK>>;
}

/** The keys by which services prove to each other who calls. */
export async function serviceKeys({ env, kubectl }: Installed): Promise<Rotation> {
  const pairs = await Promise.all(serviceNames.map(service => pairOf(service, env)));
  const publish = (which: readonly Which[]) => {
    const keys = pairs.flatMap(pair => which.map(each => publicPart(pair.keys[each])));
    writeFileSync(env.SERVICE_PUBLIC_KEYS_FILE ?? "", JSON.stringify({ keys }));
  };
  return {
    name: "keys of services",
    steps: {
      accept: () => publish(["old", "new"]),
      use() {
        for (const { file, keys } of pairs) {
          writeFileSync(file, JSON.stringify(keys.new));
        }
      },
      refuse: () => publish(["new"]),
    },
    waitSeconds: { use: tokenSeconds },
    async accepted() {
      const answers: Record<Which, boolean[]> = { old: [], new: [] };
      const callees = new Set(serviceNames.flatMap(service => calleesOf(service).slice(0, 1)));
      for (const callee of callees) {
        const callers = pairs.filter(({ service }) => calleesOf(service)[0] === callee);
        const calls = await ofBoth(which => Promise.all(callers.map(each => callBy(each, which, callee))));
        const accepted = await acceptedInPods(kubectl, callee, [...calls.old, ...calls.new]);
        answers.old.push(...accepted.slice(0, callers.length).flat());
        answers.new.push(...accepted.slice(callers.length).flat());
      }
      return answers;
    },
    async used() {
      const used: (Which | undefined)[] = [];
      for (const { service, keys } of pairs) {
        const names = await keyNamesIn(kubectl, service, `${keysPath}/service-key.json`);
        used.push(...names.map(name => whichOf(which => keys[which].kid === name)));
      }
      return used;
    },
  };
}

async function pairOf(service: string, env: Installed["env"]): Promise<Pair> {
  const file = env[`${service.toUpperCase()}_SERVICE_KEY_FILE`] ?? "";
  const old = JSON.parse(readFileSync(file, "utf8")) as JWK;
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { service, file, keys: { old, new: { ...(await exportJWK(privateKey)), kid: nameAfter(old.kid) } } };
}

/** `pay.2` after `pay`, `pay.3` after that. */
function nameAfter(kid = ""): string {
  const [service, number = "1"] = kid.split(".");
  return `${service}.${Number(number) + 1}`;
}

function publicPart({ d: _private, ...rest }: JWK): JWK {
  return { ...rest, alg: "ES256", use: "sig" };
}

/** A call of a service, with a token that it could have signed. */
async function callBy({ service, keys }: Pair, which: Which, callee: string) {
  const token = await (await createServiceTokenSigner(service, keys[which]))(callee, undefined);
  return { method: methodFor(service, callee), headers: { [serviceTokenHeader]: token } };
}

/** A method of a callee that a service may call. */
function methodFor(service: string, callee: string): string {
  const methods = protoServicesOf(callee).flatMap(({ methods }) => methods);
  const found = methods.find(method => policyOf(method).callers.includes(service));
  return found === undefined ? "" : methodName(found);
}
