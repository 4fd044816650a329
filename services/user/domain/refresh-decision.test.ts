import { expect } from "chai";
import fc from "fast-check";
import { decideRefresh, type RefreshUse, refreshUseOf } from "./refresh-decision.ts";
import type { Session } from "./session.ts";

const use = fc.record<RefreshUse>({
  presented: fc.constantFrom("current", "previous", "other"),
  inGrace: fc.boolean(),
  ended: fc.boolean(),
  expired: fc.boolean(),
  userIsActive: fc.boolean(),
});

describe("the decision about a refresh token", () => {
  it("grants tokens only in an open session of an active user", () => {
    fc.assert(
      fc.property(use, each => {
        const decision = decideRefresh(each);
        if (decision === "rotate" || decision === "repeat") {
          expect(each).to.include({ ended: false, expired: false, userIsActive: true });
        }
      }),
    );
  });

  it("rotates only for the current token", () => {
    fc.assert(fc.property(use, each => decideRefresh(each) !== "rotate" || each.presented === "current"));
  });

  it("repeats for the token just replaced, by time only", () => {
    fc.assert(
      fc.property(use, each => {
        const open = { ...each, ended: false, expired: false, userIsActive: true };
        const isJustReplaced = each.presented === "previous" && each.inGrace;
        expect(decideRefresh(open) === "repeat").to.equal(isJustReplaced);
      }),
    );
  });

  it("ends an open session whenever it grants nothing for one of its tokens", () => {
    fc.assert(
      fc.property(use, each => {
        const open = { ...each, ended: false, expired: false, userIsActive: true };
        expect(decideRefresh(open)).to.be.oneOf(["rotate", "repeat", "end"]);
      }),
    );
  });
});

describe("the use of a refresh token", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds);
  const [current, previous, other] = [1, 2, 3].map(byte => Buffer.alloc(32, byte)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const session: Session = {
    sessionId: crypto.randomUUID(),
    userId: 1n,
    userAgent: "",
    familyHash: other,
    seed: other,
    currentHash: current,
    previousHash: previous,
    createTime: ago(60_000),
    refreshTime: ago(9000),
    expireTime: ago(-60_000),
    endTime: null,
  };
  const useOf = (secretHash: Buffer, fields: Partial<Session> = {}) =>
    refreshUseOf({ ...session, ...fields }, { secretHash, now, graceMs: 10_000, userIsActive: true });

  it("distinguishes the newest token, the one it replaced and any other", () => {
    expect(useOf(current).presented).to.equal("current");
    expect(useOf(previous).presented).to.equal("previous");
    expect(useOf(other).presented).to.equal("other");
    expect(useOf(previous, { previousHash: null }).presented).to.equal("other");
  });

  it("is in the grace period, expired or ended by the session's times", () => {
    expect(useOf(current)).to.include({ inGrace: true, expired: false, ended: false });
    expect(useOf(current, { refreshTime: ago(10_000) }).inGrace).to.equal(false);
    expect(useOf(current, { expireTime: now }).expired).to.equal(true);
    expect(useOf(current, { endTime: ago(1) }).ended).to.equal(true);
  });
});
