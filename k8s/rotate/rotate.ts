import { setTimeout as sleep } from "node:timers/promises";
import { createPublicApi } from "#dev/demo/public-api.ts";
import { createProgressLog } from "#dev/stack/progress.ts";
import { writeStackFile } from "#dev/stack/running-stack.ts";
import { applyFolder } from "../cluster/apply.ts";
import { hasCertificates } from "../cluster/certificates.ts";
import { namespace, runningStores, writeFolders } from "../cluster/deploy.ts";
import { type Kubectl, kubectlOf } from "../cluster/kubectl.ts";
import { servingParts, twoOfEach } from "../cluster/pods.ts";
import { underLoad } from "../cluster/under-load.ts";
import { certificates } from "./certificates.ts";
import { databasePasswords, redisPassword } from "./passwords.ts";
import { type Installed, problemsAfter, type Rotation, type Step, steps } from "./rotation.ts";
import { checkoutSecret, deviceSecret, pageTokenSecret } from "./secrets.ts";
import { serviceKeys } from "./service-keys.ts";
import { signingKey } from "./signing-key.ts";

/** What can be rotated, by the names that `--only` takes. */
export const rotations: Readonly<Record<string, (installed: Installed) => Rotation | Promise<Rotation>>> = {
  "signing-key": signingKey,
  "service-keys": serviceKeys,
  "page-tokens": pageTokenSecret,
  devices: deviceSecret,
  checkout: checkoutSecret,
  databases: databasePasswords,
  redis: redisPassword,
  certificates,
};

interface RotateOptions {
  readonly kubeconfig: string;
  readonly address: string;
  readonly stores: string;
  readonly envoyImage: string;
  /** Names among the rotations; by default all that the deployment has. */
  readonly only: readonly string[] | undefined;
}

type Log = (line: string) => void;

const pollMs = 1000;
const atOnce = 2;

/**
 * Replaces keys, secrets and passwords while people read, charge and buy; ends with 1 if anyone noticed, if a new one
 * is not in use, or if an old one is still accepted.
 */
export async function rotate({
  kubeconfig,
  address,
  stores,
  envoyImage,
  only,
}: RotateOptions): Promise<number> {
  const { log, end } = createProgressLog();
  const kubectl = kubectlOf(kubeconfig, namespace);
  const stack = runningStores(stores);
  const api = createPublicApi({ urlOf: () => stack.gatewayUrl ?? "" });
  const installed: Installed = { env: { ...stack.env }, stores, stack, address, kubectl, api };
  log("two pods of everything that serves");
  await twoOfEach(kubectl);
  const tls = await hasCertificates(kubectl);
  const install = await installer(installed, { envoyImage, tls }, log);
  await install();
  const chosen: Rotation[] = [];
  for (const [name, create] of Object.entries(rotations)) {
    if (only?.includes(name) ?? (tls || create !== certificates)) {
      chosen.push(await create(installed));
    }
  }
  return underLoad({ ...stack, env: installed.env }, end, async problems => {
    for (const step of ["before", ...steps] as const) {
      if (step !== "before") {
        await take(step, chosen, installed, install, log);
      }
      for (const rotation of chosen) {
        problems.push(...(await problemsAfter(step, rotation, log)));
      }
    }
  });
}

/** Takes a step of all rotations with one rollout, and waits until it is everywhere. */
async function take(
  step: Step,
  chosen: readonly Rotation[],
  { stack, stores, env }: Installed,
  install: () => Promise<void>,
  log: Log,
): Promise<void> {
  log(`step "${step}"`);
  for (const rotation of chosen) {
    await rotation.steps[step]();
  }
  writeStackFile(stores, { ...stack, env });
  await install();
  const seconds = Math.max(...chosen.map(({ waitSeconds }) => waitSeconds?.[step] ?? 0));
  log(`every pod has it; waiting ${seconds} s for what still has the state before`);
  await sleep(seconds * 1000);
}

/** Applies the installation as it is now, a few parts at a time, and waits until the pods before are gone. */
async function installer(
  { kubectl, env, address }: Installed,
  { envoyImage, tls }: { envoyImage: string; tls: boolean },
  log: Log,
): Promise<() => Promise<void>> {
  const parts = await servingParts(kubectl);
  const gatewayApi = !parts.includes("gateway");
  const imageOf = "--output=jsonpath={.spec.template.spec.containers[0].image}";
  const image = await kubectl(["get", "deployment/user", imageOf]);
  return async () => {
    const { serving: folder } = await writeFolders({ image, envoyImage, address, gatewayApi, tls }, env);
    for (let index = 0; index < parts.length; index += atOnce) {
      const some = parts.slice(index, index + atOnce);
      const others = parts.filter(part => !some.includes(part));
      log(`rolling out ${some.join(" and ")}`);
      await applyFolder(kubectl, folder, `--selector=app.kubernetes.io/name notin (${others.join(",")})`);
      for (const part of some) {
        await kubectl(["rollout", "status", `deployment/${part}`, "--timeout=300s"]);
      }
    }
    await untilNoneEnds(kubectl);
  };
}

/** A pod that ends still answers for some seconds, with the state before. */
async function untilNoneEnds(kubectl: Kubectl): Promise<void> {
  const selector = "--selector=app.kubernetes.io/part-of=questioncloud";
  const ends = "--output=jsonpath={.items[*].metadata.deletionTimestamp}";
  while ((await kubectl(["get", "pods", selector, ends])).trim() !== "") {
    await sleep(pollMs);
  }
}
