import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { createPublicApi } from "#dev/demo/public-api.ts";
import { chosenRotations, rotations } from "#k8s/rotate/rotate.ts";
import { type Installed, problemsAfter, type Rotation, takeSteps, type Which } from "#k8s/rotate/rotation.ts";
import { serviceKeys } from "#k8s/rotate/service-keys.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createServiceTokenSigner, createServiceTokenVerifier } from "#kit/rpc/tokens/service-token.ts";

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

  describe("that goes wrong", () => {
    /** A rotation that answers what each step should reach, but for `wrongAfter`. */
    const create = (wrongAfter: string, more: Partial<Rotation> = {}) => {
      const taken: string[] = [];
      let state = "before";
      const answers = {
        before: found({ old: [true], new: [false] }, ["old"]),
        accept: found({ old: [true], new: [true] }, ["old"]),
        use: found({ old: [true], new: [true] }, ["new"]),
        refuse: found({ old: [false], new: [true] }, ["new"]),
      };
      const answer = () => answers[state === wrongAfter ? "refuse" : (state as keyof typeof answers)];
      const rotation: Rotation = {
        ...answers.before,
        ...more,
        stopped: async () => void taken.push("stopped"),
        accepted: () => answer().accepted(),
        used: () => answer().used(),
      };
      const take = async (step: string) => {
        taken.push(step);
        state = step;
      };
      return { rotation, take, taken };
    };
    const problemsOf = async ({ rotation, take }: ReturnType<typeof create>) => {
      const problems: string[] = [];
      await takeSteps([rotation], take, { problems, log: () => {} });
      return problems;
    };

    it("stops before the old one is refused, and leaves what may last", async () => {
      for (const [index, step] of (["before", "accept", "use"] as const).entries()) {
        const wrong = create(step);
        expect(await problemsOf(wrong)).to.have.length(2);
        expect(wrong.taken).to.deep.equal([...["accept", "use"].slice(0, index), "stopped"]);
      }
      const right = create("never");
      expect(await problemsOf(right)).to.deep.equal([]);
      expect(right.taken).to.deep.equal(["accept", "use", "refuse"]);
    });

    it("leaves what may last where a step fails", async () => {
      const { rotation, take, taken } = create("never");
      const fail = async (step: string) => {
        await take(step);
        if (step === "use") {
          throw new Error("a rollout took too long");
        }
      };
      const error = await takeSteps([rotation], fail, { problems: [], log: () => {} }).catch(String);
      expect(error).to.include("a rollout took too long");
      expect(taken).to.deep.equal(["accept", "use", "stopped"]);
    });

    it("is not asked before the first step where an earlier one stopped halfway", async () => {
      const resumed = create("before", { isResumed: true });
      expect(await problemsOf(resumed)).to.deep.equal([]);
      expect(resumed.taken).to.deep.equal(["accept", "use", "refuse"]);
    });
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
      letExpire: false,
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
