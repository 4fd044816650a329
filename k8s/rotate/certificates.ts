import { X509Certificate } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { serviceNames } from "#kit/contract/contracts.ts";
import { type Authority, openAuthority } from "../cluster/authority.ts";
import { authorityFolder, issueAll, putCertificates } from "../cluster/certificates.ts";
import { handshakesWith } from "./in-pods.ts";
import { type Installed, ofBoth, type Rotation, type Which, whichOf } from "./rotation.ts";

// A kubelet reads a Secret again each minute or so, a service its files every ten seconds.
const waitSeconds = 120;
// Long enough for the new ones to be everywhere before.
const shortMs = 480_000;
const probeMs = 600_000;

/** The authority of the certificates at both ends of every call, and all certificates with it. */
export async function certificates({ kubectl, stores, letExpire }: Installed): Promise<Rotation> {
  const folder = authorityFolder(stores);
  const [nextFolder, formerFolder] = [`${folder}-next`, `${folder}-former`];
  // Its certificates may be in use, so it is used again, and accepted before anything else is done.
  const isResumed = existsSync(nextFolder);
  if (!existsSync(folder) && existsSync(formerFolder)) {
    renameSync(formerFolder, folder);
  }
  const authorities = { old: await openAuthority(folder), new: await openAuthority(nextFolder) };
  let endMs = 0;
  const put = async (which: Which, accepted: readonly Which[], end?: Date) => {
    const issued = await issueAll(authorities[which], end);
    const bundle = accepted.map(each => authorities[each]);
    await putCertificates(kubectl, issued, bundle);
  };
  const ask = async (which: Which) => {
    const probe = await authorities[which].issue("probe", new Date(Date.now() + probeMs));
    const answers = [];
    for (const service of serviceNames) {
      answers.push(...(await handshakesWith(kubectl, service, probe)));
    }
    return answers;
  };
  return {
    name: "authority and certificates of services",
    isResumed,
    steps: {
      accept() {
        endMs = letExpire ? Date.now() + shortMs : 0;
        return put("old", ["old", "new"], letExpire ? new Date(endMs) : undefined);
      },
      use: () => put("new", ["old", "new"]),
      async refuse() {
        await sleep(Math.max(0, endMs - Date.now()));
        rmSync(formerFolder, { recursive: true, force: true });
        renameSync(folder, formerFolder);
        renameSync(nextFolder, folder);
        authorities.old = await openAuthority(formerFolder);
        authorities.new = await openAuthority(folder);
        await put("new", ["new"]);
      },
    },
    // None expires for want of the next step.
    ...(letExpire && { stopped: () => put("old", ["old", "new"]) }),
    waitSeconds: { accept: waitSeconds, use: waitSeconds, refuse: waitSeconds },
    accepted: () => ofBoth(async which => (await ask(which)).map(({ accepted }) => accepted)),
    used: async () =>
      (await ask("new")).map(({ issuer }) => whichOf(which => nameOf(authorities[which]) === issuer)),
  };
}

function nameOf({ certificate }: Authority): string {
  return new X509Certificate(certificate).subject.replace("CN=", "");
}
