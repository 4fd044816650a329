import { X509Certificate } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { serviceNames } from "#kit/contract/contracts.ts";
import { type Authority, openAuthority } from "../cluster/authority.ts";
import { authorityFolder, issueAll, putCertificates } from "../cluster/certificates.ts";
import { handshakesWith } from "./in-pods.ts";
import { type Installed, ofBoth, type Rotation, type Which, whichOf } from "./rotation.ts";

// A kubelet reads a Secret again each minute or so, a service its files every ten seconds.
const waitSeconds = 120;
const shortMs = 480_000;
const longMs = 86_400_000;

/**
 * The authority of the certificates at both ends of every call, and all certificates with it. Those of the old
 * authority expire during the rotation.
 */
export async function certificates({ kubectl, stores }: Installed): Promise<Rotation> {
  const nextFolder = `${authorityFolder(stores)}-next`;
  rmSync(nextFolder, { recursive: true, force: true });
  const authorities = {
    old: await openAuthority(authorityFolder(stores)),
    new: await openAuthority(nextFolder),
  };
  let endMs = 0;
  const put = async (which: Which, lifetimeMs: number, accepted: readonly Which[]) => {
    const end = new Date(Date.now() + lifetimeMs);
    const issued = await issueAll(authorities[which], end);
    await putCertificates(
      kubectl,
      issued,
      accepted.map(each => authorities[each]),
    );
    return end.getTime();
  };
  const issueProbe = (which: Which) => authorities[which].issue("probe", new Date(Date.now() + longMs));
  const probes = { old: await issueProbe("old"), new: await issueProbe("new") };
  const ask = async (which: Which) => {
    const answers = [];
    for (const service of serviceNames) {
      answers.push(...(await handshakesWith(kubectl, service, probes[which])));
    }
    return answers;
  };
  return {
    name: "authority and certificates of services",
    steps: {
      async accept() {
        endMs = await put("old", shortMs, ["old", "new"]);
      },
      use: () => put("new", longMs, ["old", "new"]),
      async refuse() {
        await sleep(Math.max(0, endMs - Date.now()));
        await put("new", longMs, ["new"]);
        rmSync(authorityFolder(stores), { recursive: true });
        renameSync(nextFolder, authorityFolder(stores));
      },
    },
    waitSeconds: { accept: waitSeconds, use: waitSeconds, refuse: waitSeconds },
    accepted: () => ofBoth(async which => (await ask(which)).map(({ accepted }) => accepted)),
    used: async () =>
      (await ask("new")).map(({ issuer }) => whichOf(which => nameOf(authorities[which]) === issuer)),
  };
}

function nameOf({ certificate }: Authority): string {
  return new X509Certificate(certificate).subject.replace("CN=", "");
}
