import { hash } from "@node-rs/argon2";
import { expect } from "chai";
import { isOutdated } from "./password-hash.ts";

describe("a password hash", () => {
  it("is outdated where it was created with other parameters", async () => {
    expect(isOutdated(await hash("x", { memoryCost: 19_456, timeCost: 2, parallelism: 1 }))).to.equal(false);
    expect(isOutdated(await hash("x", { memoryCost: 8192, timeCost: 2, parallelism: 1 }))).to.equal(true);
    expect(isOutdated(await hash("x", { memoryCost: 19_456, timeCost: 3, parallelism: 1 }))).to.equal(true);
    expect(isOutdated(await hash("x", { algorithm: 1 }))).to.equal(true);
  });
});
