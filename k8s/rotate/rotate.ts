import { setTimeout as sleep } from "node:timers/promises";
import { createPublicApi } from "#dev/demo/public-api.ts";
import { waitFor } from "#dev/demo/wait.ts";
import { createProgressLog, type Log } from "#dev/stack/progress.ts";
import { writeStackFile } from "#dev/stack/running-stack.ts";
import { UsageError } from "#ops/command-line.ts";
import { applyFolder, waitForRollout } from "../cluster/apply.ts";
import { hasCertificates } from "../cluster/certificates.ts";
import { namespace, requireRunningStack, writeFolders } from "../cluster/deploy.ts";
import { type Kubectl, kubectlOf } from "../cluster/kubectl.ts";
import { imageOf, productSelector, servingParts, twoOfEach } from "../cluster/pods.ts";
import { underLoad } from "../cluster/under-load.ts";
import { gatewayName } from "../gateway-api/names.ts";
import { certificates } from "./certificates.ts";
import { databasePasswords, redisPassword } from "./passwords.ts";
import { type Installed, type Rotation, type Step, takeSteps } from "./rotation.ts";
import { checkoutSecret, deviceSecret, pageTokenSecret } from "./secrets.ts";
import { serviceKeys } from "./service-keys.ts";
import { signingKey } from "./signing-key.ts";

type CreateRotation = (installed: Installed) => Rotation | Promise<Rotation>;

/** What can be rotated, by the names that `--only` takes. */
export const rotations: Readonly<Record<string, CreateRotation>> = {
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
  /** Names among the rotations; by default all that the deployment has. */
  readonly only: readonly string[] | undefined;
  readonly letExpire: boolean;
}

// Longer than a pod may take to end.
const endLimits = { withinMs: 120_000, everyMs: 1000 };
const atOnce = 2;

/**
 * Replaces keys, secrets and passwords while people read, charge and buy; ends with 1 if anyone noticed, if a new one
 * is not in use, or if an old one is still accepted.
 */
export async function rotate(options: RotateOptions): Promise<number> {
  const { kubeconfig, address, stores, only, letExpire } = options;
  const { log, end } = createProgressLog();
  const kubectl = kubectlOf(kubeconfig, namespace);
  const tls = await hasCertificates(kubectl);
  const create = chosenRotations(only, tls);
  const stack = requireRunningStack(stores);
  const api = createPublicApi({ urlOf: () => stack.gatewayUrl ?? "" });
  const installed: Installed = { env: { ...stack.env }, stores, stack, address, kubectl, api, letExpire };
  log("two pods of everything that serves");
  await twoOfEach(kubectl);
  const install = await installer(installed, tls, log);
  await install();
  const chosen = await Promise.all(create.map(each => each(installed)));
  return underLoad({ ...stack, env: installed.env }, end, problems =>
    takeSteps(chosen, step => take(step, chosen, installed, install, log), { problems, log }),
  );
}

/** The rotations that are named, or all that a deployment has, with or without certificates. */
export function chosenRotations(only: readonly string[] | undefined, tls: boolean): CreateRotation[] {
  if (!tls && only?.includes("certificates")) {
    throw new UsageError("certificates: the deployment has none; deploy --tls gives it some");
  }
  const isChosen = (name: string) => only?.includes(name) ?? (tls || name !== "certificates");
  return Object.entries(rotations).flatMap(([name, create]) => (isChosen(name) ? [create] : []));
}

/** Takes a step of all rotations with one rollout, and waits until nothing has the state before. */
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

/** Returns what applies the installation as it is then, a few parts at a time, until the pods before are gone. */
async function installer(
  { kubectl, env, address }: Installed,
  tls: boolean,
  log: Log,
): Promise<() => Promise<void>> {
  const parts = await servingParts(kubectl);
  const gatewayApi = !parts.includes("gateway");
  const image = await imageOf(kubectl, "user");
  const envoyImage = gatewayApi ? await envoyImageOf(kubectl) : await imageOf(kubectl, "gateway");
  return async () => {
    const { serving: folder } = await writeFolders({ image, envoyImage, address, gatewayApi, tls }, env);
    for (let index = 0; index < parts.length; index += atOnce) {
      const some = parts.slice(index, index + atOnce);
      const others = parts.filter(part => !some.includes(part));
      log(`rolling out ${some.join(" and ")}`);
      await applyFolder(kubectl, folder, `--selector=app.kubernetes.io/name notin (${others.join(",")})`);
      for (const part of some) {
        await waitForRollout(kubectl, part);
      }
    }
    await untilNoneEnds(kubectl);
  };
}

/** The image of the Envoys that Envoy Gateway runs. */
function envoyImageOf(kubectl: Kubectl): Promise<string> {
  const image = "{.spec.provider.kubernetes.envoyDeployment.container.image}";
  return kubectl(["get", "envoyproxy", gatewayName, `--output=jsonpath=${image}`]);
}

/** A terminating pod still answers for some seconds, with the state before. */
async function untilNoneEnds(kubectl: Kubectl): Promise<void> {
  const ends = "--output=jsonpath={.items[*].metadata.deletionTimestamp}";
  const noneEnds = async () => (await kubectl(["get", "pods", productSelector, ends])).trim() === "";
  await waitFor("the pods before to end", noneEnds, endLimits);
}
