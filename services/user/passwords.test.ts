import { expect } from "chai";
import { createPasswords } from "./passwords.ts";
import { createSlots } from "./slots.ts";

const { signal } = new AbortController();

describe("passwords", () => {
  it("are hashed with argon2id, each with its own salt, and verified", async () => {
    const passwords = await createPasswords(createSlots({ maxRunning: 2, maxWaiting: 10 }));
    const first = await passwords.hash("correct-horse", signal);
    expect(first).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.hash("correct-horse", signal)).to.not.equal(first);
    expect(await passwords.verify(first, "correct-horse", signal)).to.equal(true);
    expect(await passwords.verify(first, "Correct-horse", signal)).to.equal(false);
    expect(await passwords.verify(undefined, "correct-horse", signal)).to.equal(false);
  });
});
