import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { createPublicApi } from "#dev/demo/public-api.ts";
import { chosenRotations, rotations } from "#k8s/rotate/rotate.ts";
import { type Installed, problemsAfter, type Rotation, type Which } from "#k8s/rotate/rotation.ts";
import { serviceKeys } from "#k8s/rotate/service-keys.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createServiceTokenSigner, createServiceTokenVerifier } from "#kit/rpc/service-token.ts";

describe("a rotation", () => {
  const folder = mkdtempSync(join(tmpdir(), "rotation-"));
  after(() => rmSync(folder, { recursive: true }));

  const found = (
    accepted: Readonly<Record<Which, readonly boolean[]>>,
    used: readonly Which[],
  ): Rotation => ({
    name: "key",
    steps: { accept: () => {}, use: () => {}, refuse: () => {} },
    accepted: async () => accepted,
    used: async () => used,
  });
  const isWrong = async (step: Parameters<typeof problemsAfter>[0], rotation: Rotation) =>
    (await problemsAfter(step, rotation, () => {})).length > 0;

  it("is of everything that the deployment has, or of what is named and there", () => {
    const { certificates, redis, ...others } = rotations;
    expect(chosenRotations(undefined, false)).to.have.members([...Object.values(others), redis]);
    expect(chosenRotations(undefined, true)).to.have.members(Object.values(rotations));
    expect(chosenRotations(["redis"], false)).to.deep.equal([redis]);
    expect(chosenRotations(["certificates"], true)).to.deep.equal([certificates]);
    expect(() => chosenRotations(["certificates", "redis"], false)).to.throw(/the deployment has none/);
  });

  it("is right where every place answers as the step says", async () => {
    const one = found({ old: [true, true], new: [false, false] }, ["old"]);
    const both = found({ old: [true, true], new: [true, true] }, ["old"]);
    const next = found({ old: [true, true], new: [true, true] }, ["new"]);
    const alone = found({ old: [false, false], new: [true, true] }, ["new", "new"]);
    const right = { before: one, accept: both, use: next, refuse: alone } as const;
    for (const [step, rotation] of Object.entries(right)) {
      for (const asked of ["before", "accept", "use", "refuse"] as const) {
        expect(await isWrong(asked, rotation), `${step} asked after ${asked}`).to.equal(step !== asked);
      }
    }
  });

  it("is wrong where one place still takes the old one, uses it, or none was asked", async () => {
    expect(await isWrong("refuse", found({ old: [false, true], new: [true, true] }, ["new"]))).to.equal(true);
    expect(await isWrong("refuse", found({ old: [false], new: [true] }, ["new", "old"]))).to.equal(true);
    expect(await isWrong("refuse", found({ old: [], new: [] }, ["new"]))).to.equal(true);
    expect(await isWrong("refuse", found({ old: [false], new: [true] }, []))).to.equal(true);
  });

  it("replaces the keys of services without a time in which a token is refused", async () => {
    const env: Record<string, string> = { SERVICE_PUBLIC_KEYS_FILE: join(folder, "public.json") };
    const files = new Map(serviceNames.map(name => [name, join(folder, `${name}.jwk`)]));
    for (const [name, file] of files) {
      const { privateKey } = await generateKeyPair("ES256", { extractable: true });
      writeFileSync(file, JSON.stringify({ ...(await exportJWK(privateKey)), kid: name }));
      env[`${name.toUpperCase()}_SERVICE_KEY_FILE`] = file;
    }
    const installed: Installed = {
      env,
      stores: folder,
      stack: { mailUrl: "", pspUrl: "", identityUrl: "", users: [], env },
      address: "192.0.2.1",
      kubectl: async () => "",
      api: createPublicApi({ urlOf: () => "" }),
    };
    const read = (file = "") => JSON.parse(readFileSync(file, "utf8"));
    const tokenOfPay = async () =>
      (await createServiceTokenSigner("pay", read(files.get("pay")) as JWK))("point", 7n);
    const isTaken = async (token: string) =>
      createServiceTokenVerifier(
        "point",
        read(env.SERVICE_PUBLIC_KEYS_FILE),
      )(token).then(
        () => true,
        () => false,
      );
    const { steps } = await serviceKeys(installed);
    const before = await tokenOfPay();
    await steps.accept();
    expect(await isTaken(before)).to.equal(true);
    await steps.use();
    const after = await tokenOfPay();
    expect([await isTaken(before), await isTaken(after)]).to.deep.equal([true, true]);
    await steps.refuse();
    expect([await isTaken(before), await isTaken(after)]).to.deep.equal([false, true]);
    expect(read(files.get("pay")).kid).to.equal("pay.2");
    await (await serviceKeys(installed)).steps.use();
    expect(read(files.get("pay")).kid).to.equal("pay.3");
  });
});
