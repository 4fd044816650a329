import { expect } from "chai";
import fc from "fast-check";
import { decideRefresh, type RefreshUse } from "./refresh-decision.ts";

const use = fc.record<RefreshUse>({
  shown: fc.constantFrom("current", "previous", "other"),
  inGrace: fc.boolean(),
  repeated: fc.boolean(),
  ended: fc.boolean(),
  expired: fc.boolean(),
  userIsActive: fc.boolean(),
});

describe("the decision over a refresh token", () => {
  it("gives tokens only in an open session of an active user", () => {
    fc.assert(
      fc.property(use, each => {
        const decision = decideRefresh(each);
        if (decision === "rotate" || decision === "repeat") {
          expect(each).to.include({ ended: false, expired: false, userIsActive: true });
        }
      }),
    );
  });

  it("rotates for the current token alone", () => {
    fc.assert(fc.property(use, each => decideRefresh(each) !== "rotate" || each.shown === "current"));
  });

  it("repeats for the token just replaced, within the grace, once", () => {
    fc.assert(
      fc.property(use, each => {
        if (decideRefresh(each) === "repeat") {
          expect(each).to.include({ shown: "previous", inGrace: true, repeated: false });
        }
      }),
    );
  });

  it("ends an open session whenever it gives nothing for one of its tokens", () => {
    fc.assert(
      fc.property(use, each => {
        const open = { ...each, ended: false, expired: false, userIsActive: true };
        expect(decideRefresh(open)).to.be.oneOf(["rotate", "repeat", "end"]);
      }),
    );
  });
});
