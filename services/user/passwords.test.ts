import { hash } from "@node-rs/argon2";
import { expect } from "chai";
import { createPasswords, isOutdated } from "./passwords.ts";
import { createSlots } from "./slots.ts";

const { signal } = new AbortController();

describe("passwords", () => {
  it("are hashed with argon2id, each with its own salt, and verified", async () => {
    const passwords = await createPasswords(createSlots({ running: 2, waiting: 10 }));
    const first = await passwords.hash("correct-horse", signal);
    expect(first).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.hash("correct-horse", signal)).to.not.equal(first);
    expect(await passwords.verify(first, "correct-horse", signal)).to.equal(true);
    expect(await passwords.verify(first, "Correct-horse", signal)).to.equal(false);
    expect(await passwords.verify(undefined, "correct-horse", signal)).to.equal(false);
  });

  it("made with other parameters are outdated", async () => {
    expect(isOutdated(await hash("x", { memoryCost: 19_456, timeCost: 2, parallelism: 1 }))).to.equal(false);
    expect(isOutdated(await hash("x", { memoryCost: 8192, timeCost: 2, parallelism: 1 }))).to.equal(true);
    expect(isOutdated(await hash("x", { memoryCost: 19_456, timeCost: 3, parallelism: 1 }))).to.equal(true);
    expect(isOutdated(await hash("x", { algorithm: 1 }))).to.equal(true);
  });
});
