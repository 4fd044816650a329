import { expect } from "chai";
import fc from "fast-check";
import {
  createRefreshToken,
  createSeed,
  formatRefreshToken,
  hashSecret,
  parseRefreshToken,
  successorOf,
} from "./refresh-token.ts";

describe("refresh tokens", () => {
  it("are parsed as they were formatted", () => {
    const token = createRefreshToken();
    expect(parseRefreshToken(formatRefreshToken(token))).to.deep.equal(token);
  });

  it("are refused in any other form", () => {
    fc.assert(
      fc.property(fc.string(), text => parseRefreshToken(text) === undefined || /^[\w-]{64}$/.test(text)),
    );
    expect(parseRefreshToken("")).to.equal(undefined);
    expect(parseRefreshToken(`${formatRefreshToken(createRefreshToken())}=`)).to.equal(undefined);
  });

  it("have one successor, in the same family, with another secret", () => {
    const token = createRefreshToken();
    const seed = createSeed();
    const next = successorOf(token, seed);
    expect(successorOf(token, seed)).to.deep.equal(next);
    expect(next.family).to.deep.equal(token.family);
    expect(hashSecret(next.secret)).to.not.deep.equal(hashSecret(token.secret));
    expect(successorOf(token, createSeed())).to.not.deep.equal(next);
  });
});
